"""This project's locator and reader as parts of fast-alpr's pipeline.

    from fast_alpr import ALPR
    from classic_anpr.evaluate.fastalpr import ClassicDetector, ClassicOCR

    ALPR(detector=ClassicDetector(), ocr=ClassicOCR(countries=["de"]))      # all classical
    ALPR(ocr=ClassicOCR(countries=["de"]))                                  # its detector, our reader
    ALPR(detector=ClassicDetector())                                        # our locator, its reader

Importing this module needs fast-alpr; nothing else of this project does.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from fast_alpr.base import BaseDetector, BaseOCR, DetectionResult, OcrResult  # type: ignore[import-not-found]
from numpy.typing import NDArray
from open_image_models.detection.core.base import BoundingBox  # type: ignore[import-not-found]

from classic_anpr.geometry import box_of
from classic_anpr.locate import LocateSettings, locate
from classic_anpr.reader import Reader

# Of the crop's height: detectors cut tightly, and the locator wants ground around the glyphs. Of 173 true boxes of
# photographs (every third of six sets) 152, 153 and 152 were read with 0.3, 0.6 and 1.2 of plain ground, the median of
# the crop's edge; with the edge drawn out instead, 148 and 150 with 0.6 and 1.2.
_MARGIN = 0.6


class ClassicDetector(BaseDetector):  # type: ignore[misc]
    """Where the plates may be, by `locate`.

    Parameters
    ----------
    most : int
        How many candidates to report, best first. The locator proposes and the reader decides, so more than one per
        plate is normal: an OCR that says nothing of what is no plate, as `ClassicOCR`, sorts them out.
    settings : LocateSettings, optional
    """

    def __init__(self, most: int = 5, settings: LocateSettings | None = None) -> None:
        self.most = most
        self.settings = settings or LocateSettings()

    def predict(self, frame: NDArray[np.uint8]) -> list[DetectionResult]:
        """The places of plates in a picture, uint8 (H, W, 3) BGR."""
        height, width = frame.shape[:2]
        found = []
        for candidate in locate(frame, self.settings)[: self.most]:
            x, y, w, h = box_of(candidate.corners)
            box = BoundingBox(
                max(int(x), 0), max(int(y), 0), min(int(np.ceil(x + w)), width), min(int(np.ceil(y + h)), height)
            )
            if box.x2 > box.x1 and box.y2 > box.y1:
                found.append(DetectionResult("License Plate", float(np.clip(candidate.score, 0, 1)), box))
        return found


class ClassicOCR(BaseOCR):  # type: ignore[misc]
    """The text in a cut-out plate, by the stages behind and including `locate`.

    Parameters
    ----------
    countries : sequence of str, optional
        Country codes whose layouts are admitted; all where left out.
    reader : Reader, optional
        One that exists already, instead.
    """

    def __init__(self, countries: Sequence[str] | None = None, reader: Reader | None = None) -> None:
        self.reader = reader or Reader(countries=countries)

    def predict(self, cropped_plate: NDArray[np.uint8]) -> OcrResult | None:
        """The most certain plate in a crop, uint8 (h, w, 3) BGR, with a confidence per character; None without one."""
        if cropped_plate.size == 0:
            return None
        side = max(round(_MARGIN * cropped_plate.shape[0]), 4)
        edge = np.concatenate([cropped_plate[0], cropped_plate[-1], cropped_plate[:, 0], cropped_plate[:, -1]])
        ground = [float(v) for v in np.median(edge, axis=0)]
        plates = self.reader.read(
            cv2.copyMakeBorder(cropped_plate, side, side, side, side, cv2.BORDER_CONSTANT, value=ground)
        )
        if not plates:
            return None
        best = plates[0]
        return OcrResult(best.text, [c.confidence for c in best.characters], region=best.country)
