"""Skills foresight: figures of departments, scenarios, studies of gap and plan."""
