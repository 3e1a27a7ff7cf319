"""Restores what JSON alone cannot keep, as a Python annotation says."""

from dagger_providers.serializers.codecs.build import codec_for
from dagger_providers.serializers.codecs.codec import Codec, Mismatch, NoJsonForm

__all__ = ["Codec", "Mismatch", "NoJsonForm", "codec_for"]
