"""
A catalog that a live recorder fills, minute by minute.

Beside the Parquet files of any catalog (`data/`, `quality/`) it holds the folder `recording/`:

- `segments/INSTRUMENT/MINUTE-NUMBER.seg`: the write-ahead log of a minute (`segments`), which is
  folded into Parquet files when the minute is over (`fold`);
- `gaps/INSTRUMENT.jsonl`: the times without complete data (`gaps`);
- `status.json`: the state of the recorder (`status`);
- `*.lock`: the locks of readers and of the recorder (`locks`).

Files of a minute are merged into files of an hour and of a day (`compaction`); the oldest are
removed by age and size (`retention`).
"""
