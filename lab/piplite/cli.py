"""What `%pip` turns into."""


async def get_transformed_code(words: list[str]) -> str | None:
    """The line of code in place of `%pip WORDS`; None where nothing is to be installed."""
    if words[:1] != ["install"]:
        return None
    wanted = [word for word in words[1:] if not word.startswith("-")]
    return f'await __import__("piplite").install({wanted!r})\n'
