"""Where JupyterLite's kernel puts the settings of its own piplite, none of which is needed."""
