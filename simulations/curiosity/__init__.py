"""Curiosity velocity (domain design, section 2): ``curiosity_of`` values the inquiries of a finished run."""

from simulations.curiosity.index import Curiosity, curiosity_of
from simulations.curiosity.rounds import InquiryValue, RoundCuriosity, RoundTiming

__all__ = ["Curiosity", "InquiryValue", "RoundCuriosity", "RoundTiming", "curiosity_of"]
