"""The portal for gunicorn."""

from app import cli
from app.core import threads
from app.factory import create_app
from config import Settings

threads.share_fairly()
app = create_app(Settings.from_environment())
cli.init_app(app)
