"""What the contract needs to know of a system, in the module of its name; none is needed."""
