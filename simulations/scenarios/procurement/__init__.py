"""S8: red flags in public procurement, and what has to follow a flag before it is proof."""
