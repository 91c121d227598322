"""S6: sales-tax audit selection with taxpayers who respond."""
