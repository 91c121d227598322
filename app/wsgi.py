"""The portal for gunicorn."""

from app import cli
from app.core import interpreter
from app.factory import create_app
from config import Settings

interpreter.share_fairly()
app = create_app(Settings.from_environment())
cli.init_app(app)
interpreter.keep_what_is_loaded()
