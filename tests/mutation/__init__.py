"""How many small changes of the code the fast tests see: `python -m tests.mutation MODULE`."""
