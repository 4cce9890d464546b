"""Bounds of the store, each with its reason; what peers and users may send is bounded in protocol/limits.py."""

READER_CONNECTIONS = 4
"""Readers at a time; each holds a thread and a page cache."""

JOBS_PER_COMMIT_MAX = 500
"""Jobs that share one transaction: long enough to spread an fsync, short enough that nobody waits for seconds."""

WRITE_QUEUE_MAX = 5_000
"""Jobs that may wait for the writer; who comes later waits before queueing."""

WAL_FRAMES_PER_FOLD = 8192
"""The WAL is folded into the file at about this many pages of 4 KiB; fewer mean more fsyncs, more a slower start."""

COMMITS_PER_FOLD_MAX = 256
"""Commits between two foldings, however small they are."""

VARIABLES_PER_QUERY = 500
"""Values in one IN list; SQLite allows 32766, other builds 999."""

ENTRIES_PER_READ = 128
"""Leaves with their records that one query reads: two megabytes at most."""

LEAF_DIGEST_BYTES = 4
"""Bytes of a leaf's hash kept beside it: enough to name the leaf that changed, where the root says that one did."""
