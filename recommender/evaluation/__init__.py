"""How good a model is, for whom, and how sure that is. Arrays in, figures with 95 % intervals out.

held_out     what is judged, and by whom: rows with a label, and one column of verdicts per candidate
resampling   the bootstrap, as one weight a cluster; every figure is computed for all resamples at once
estimate     a figure under all of them, and its interval
ranking      AUC and AUPRC            calibration   curve, ECE, slope, intercept
placement    confusion, kappa         net_benefit   decision curves
sets         coverage and size        groups        all of it by group, and the gaps
findings     everything together      self_check    what a critical reader would ask
"""
