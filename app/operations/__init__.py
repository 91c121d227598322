"""The queue behind the pages, for the administrator who must know that it moves."""
