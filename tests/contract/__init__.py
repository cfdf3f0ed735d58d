"""What every system keeps to: each file of `configs/systems`, and the toy of `tests/toy`."""
