"""Tables of referrals in, tables of recommendations out: part by part, so that nothing is lost and memory stays flat.

    places          where a table lies: a file, a folder, a glob, a URL
    table           what a table is: files, each with portions that are read by themselves
    csv_survey      ... CSV looked over: encoding, quotes, where the portions are
    csv_table       ... CSV read: rows of the wrong length, line numbers
    parquet_table   ... Parquet: any plain type as text
    unpacking       ... from a stranger, as CSV, with limits on memory and time
    reading         all files of a table looked over; the next rows read while the last are scored
    columns         a chunk of text as answers, and what could not be read, by row
    identity        the id of each row; blank and repeated ones
    repeats         ids that stand in several portions
    results         the columns of the answer: a new one is added there
    id_lists        bits as lists of names, for everybody at once
    open_questions  what could still change a provisional level
    scoring         one portion scored
    rejects         the rows that were not scored, with every reason
    writing         CSV, Parquet or NDJSON out
    parts           the results of one portion as files that last
    work_folder     where an unfinished run keeps its parts, and whose they are
    local           parts made on this machine's cores
    dask, spark     parts made on a cluster; Spark's data frames
    assembly        parts put together: output, rejects, manifest
    run             all of it
    cohort          a table read to be counted, not scored

Only these modules see rows of people. None of them logs, and no value of a row gets into the text of an exception.
"""

from recommender.batch.run import BatchSummary, run_batch

__all__ = ["BatchSummary", "run_batch"]
