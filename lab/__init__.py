"""The notebook site: JupyterLite and Pyodide from pinned sources, and the server of its own origin."""
