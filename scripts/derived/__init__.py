"""What `claims.py` derives of trials beyond rates and latencies. Each file takes a trial as `claims.py` read it, and nothing that bench reckoned from it."""
