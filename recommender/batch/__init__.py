"""Tables of referrals in, tables of recommendations out, in chunks that fit into memory.

    table         what a table is: its headers, and its rows as chunks of text columns
    csv_table     ... CSV: encoding, quotes, rows of the wrong length, line numbers
    parquet_table ... Parquet: any plain type as text
    columns       a chunk of text as answers, and what could not be read, by row
    reading       the right reader by suffix
    identity      the id of each row; blank and repeated ones
    id_lists      bits as lists of names, for everybody at once
    results       the columns of the answer
    writing       CSV, Parquet or NDJSON out
    rejects       the rows that were not scored, with every reason
    scoring       all of it, chunk by chunk

Only these modules see rows of people. None of them logs, and no value of a row gets into the text of an exception.
"""

from recommender.batch.scoring import BatchSummary, run_batch

__all__ = ["BatchSummary", "run_batch"]
