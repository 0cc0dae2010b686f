"""Each format as it is published, there and back, and the ways in which files are wrong."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import cv2
import numpy as np
import pytest

from classic_anpr.errors import UsageError
from classic_anpr.evaluate import formats
from classic_anpr.evaluate.formats import FORMATS, checked, get_format, problems, read_set, recognise, write_set
from classic_anpr.evaluate.formats.base import losses, reduced
from classic_anpr.evaluate.formats.ccpd import parse_name
from classic_anpr.evaluate.types import DataSetError, LabelledSet, Photo, PlateLabel, corners_box

QUAD = ((12.5, 20.0), (92.0, 24.0), (90.0, 44.0), (11.0, 41.0))
WRITABLE = [name for name in FORMATS if get_format(name).write]


def picture(path: Path, width: int = 200, height: int = 100) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(cv2.imencode(path.suffix, np.full((height, width, 3), 90, np.uint8))[1].tobytes())


def rich(folder: Path) -> LabelledSet:
    """A set with everything that a label can say."""
    photos = (
        Photo(
            "images/a.jpg",
            (
                PlateLabel("AB12CD", "SK", corners_box(QUAD), QUAD, published="ABI2CD", source="eye"),
                PlateLabel("XY99", "CZ", (120.0, 30.0, 60.25, 15.0)),
            ),
        ),
        Photo("images/фото 2.png", (PlateLabel("А123ВС", "RU", (10.0, 60.0, 50.0, 12.0)), PlateLabel("?", box=(70.0,
        60.0, 9.0, 5.0)))), Photo("images/empty.jpg"),
        Photo("images/crop.png", (PlateLabel("B1234XYZ", source="given"),)),
        Photo("images/place only.jpg", (PlateLabel("", box=(1.0, 2.0, 30.0, 10.0)),)),
    )  # fmt: skip
    for photo in photos:
        picture(folder / photo.file)
    return LabelledSet(folder.name, folder, photos)


@pytest.mark.parametrize("name", WRITABLE)
def test_written_and_read_is_equal(tmp_path: Path, name: str) -> None:
    labels = rich(tmp_path)
    keeps = get_format(name).keeps
    expected = {p.file: p for p in reduced(labels.photos, keeps)}
    lost = write_set(labels, name, tmp_path)
    assert lost == losses(labels.photos, keeps)
    again = read_set(tmp_path, name)
    # Formats that hold a file per picture find every picture: those that were not written have no plate.
    read = {p.file: p for p in again.photos if p.plates or "negatives" in keeps}
    if name == "yolo":
        read = {file: photo for file, photo in read.items() if photo.plates or file in expected}
    if name == "ufpr":  # its country is Brazil
        read = {f: dataclasses.replace(p, plates=tuple(dataclasses.replace(x, country="") for x in p.plates)) for f, p
        in read.items()}  # fmt: skip
    assert read == expected
    assert problems(again) == []


@pytest.mark.parametrize("name", WRITABLE)
def test_what_was_written_is_recognised(tmp_path: Path, name: str) -> None:
    labels = rich(tmp_path)
    write_set(dataclasses.replace(labels, photos=labels.photos[:1]), name, tmp_path)
    expected = {"ufpr": "ssig"}  # without a camera it is one of the plain ones, which are read alike
    assert recognise(tmp_path) == expected.get(name, name)


def test_losses_are_named(tmp_path: Path) -> None:
    assert write_set(rich(tmp_path), "fast-plate-ocr", tmp_path) == [
        "5 boxes",
        "1 quadrilaterals",
        "3 countries",
        "1 published texts",
        "2 sources",
        "2 plates beside the first of their picture",
        "1 pictures without a plate",
        "1 plates without a text",
    ]
    with pytest.raises(UsageError, match="ccpd cannot be written; labels"):
        write_set(rich(tmp_path), "ccpd", tmp_path)


# --- as published -----------------------------------------------------------------------------------------------------


def only(folder: Path, name: str) -> PlateLabel:
    """The one plate of the one picture of a set, which is recognised."""
    assert recognise(folder) == name
    (photo,) = read_set(folder).photos
    (plate,) = photo.plates
    assert (folder / photo.file).is_file()
    return plate


def test_openalpr(tmp_path: Path) -> None:
    picture(tmp_path / "eu1.jpg", 800, 600)
    (tmp_path / "eu1.txt").write_text("eu1.jpg\t396\t340\t203\t46\tM5XSX\n")
    assert only(tmp_path, "openalpr") == PlateLabel("M5XSX", box=(396, 340, 203, 46))


def test_ccpd(tmp_path: Path) -> None:
    name = "025-95_113-154&383_386&473-386&473_177&454_154&383_363&402-0_0_22_27_27_33_16-37-15.jpg"
    picture(tmp_path / "ccpd_base" / name, 720, 1160)
    plate = only(tmp_path, "ccpd")
    assert plate.text == "皖AY339S"
    assert plate.box == (154, 383, 232, 90)
    assert plate.corners == ((154, 383), (363, 402), (386, 473), (177, 454))
    green = name.replace("95_113", "95_-3").replace("0_0_22_27_27_33_16", "4_1_24_24_25_26_27_34")
    assert parse_name(green).text == "冀B00123"  # a negative tilt, and a place without a character
    picture(tmp_path / "ccpd_np" / "1000.jpg")
    assert [len(p.plates) for p in read_set(tmp_path, "ccpd").photos] == [1, 0]
    picture(tmp_path / "ccpd_base" / "holiday.jpg")
    with pytest.raises(DataSetError, match=r"holiday\.jpg: not a file name of CCPD's form"):
        read_set(tmp_path, "ccpd")


UFPR = """camera: GoPro Hero4 Silver
position_vehicle: 804 367 279 244
\ttype: car
\tmake: GM Chevrolet
\tmodel: Classic
\tyear: 2009
plate: AQY6388
{}
\tchar 1: 912 491 9 15
"""


@pytest.mark.parametrize(
    ("line", "corners"),
    [("position_plate: 909 483 78 26", None), ("corners: 909,483 986,484 987,507 909,507", 4)],
)
def test_ufpr(tmp_path: Path, line: str, corners: int | None) -> None:
    picture(tmp_path / "testing" / "track0091" / "track0091[01].png", 1920, 1080)
    (tmp_path / "testing" / "track0091" / "track0091[01].txt").write_text(UFPR.format(line))
    plate = only(tmp_path, "ufpr")
    assert (plate.text, plate.country, len(plate.corners or ()) or None) == ("AQY6388", "BR", corners)
    assert plate.box == ((909, 483, 78, 24) if corners else (909, 483, 78, 26))


def test_several_vehicles_in_one_file(tmp_path: Path) -> None:
    picture(tmp_path / "frame000060.png", 1920, 1080)
    blocks = "".join(
        f"position_vehicle: {x} 0 348 190\n\ttype: car\nplate: {text}\nposition_plate: {x + 9} 551 93 34\n"
        for x, text in ((768, "ARG4068"), (1403, "AZI4586"))
    )
    (tmp_path / "frame000060.txt").write_text("vehicles: 2\n" + blocks)
    assert recognise(tmp_path) == "ufpr"
    (photo,) = read_set(tmp_path).photos
    assert [(p.text, p.box) for p in photo.plates] == [
        ("ARG4068", (777, 551, 93, 34)),
        ("AZI4586", (1412, 551, 93, 34)),
    ]


def test_rodosol(tmp_path: Path) -> None:
    picture(tmp_path / "images" / "cars-br" / "img_000001.jpg", 1280, 720)
    text = "type: car\nplate: ODJ3757\nlayout: Brazilian\ncorners: 721,466 721,506 598,503 598,463\n"
    (tmp_path / "split.txt").write_text("images/cars-br/img_000001.jpg;training\n")
    (tmp_path / "images" / "cars-br" / "img_000001.txt").write_text(text)
    plate = only(tmp_path, "rodosol")
    assert (plate.text, plate.box) == ("ODJ3757", (598, 463, 123, 43))
    assert plate.corners == ((598, 463), (721, 466), (721, 506), (598, 503))  # from the top left on, as everywhere


def test_ssig(tmp_path: Path) -> None:
    picture(tmp_path / "Track6" / "Track6[11].png", 1920, 1080)
    (tmp_path / "Track6" / "Track6[11].txt").write_text("text: OLC2843\nposition: 700 500 90 30\nchar 1: 1 2 3 4\n")
    plate = only(tmp_path, "ssig")
    assert (plate.text, plate.box) == ("OLC2843", (700, 500, 90, 30))


def test_aolp(tmp_path: Path) -> None:
    subset = tmp_path / "Subset_AC"
    picture(subset / "Image" / "1.jpg", 320, 240)
    for folder, text in (("localization", "  1.00e+02\n 150\n  50\n 130\n"), ("recognition", "9\nF\n1\n2\n3\n4\n")):
        (subset / f"groundtruth_{folder}").mkdir()
        (subset / f"groundtruth_{folder}" / "1.txt").write_text(text)
    plate = only(tmp_path, "aolp")
    assert (plate.text, plate.box) == ("9F1234", (50, 130, 50, 20))
    (subset / "groundtruth_recognition" / "1.txt").write_text("9F1234\n")
    assert only(tmp_path, "aolp") == plate
    (subset / "groundtruth_recognition" / "1.txt").write_text("\n")
    with pytest.raises(DataSetError, match=r"recognition/1\.txt:1: empty"):
        read_set(tmp_path)


def test_via_versions_one_and_two(tmp_path: Path) -> None:
    picture(tmp_path / "x.jpg")
    ring = '"all_points_x": [10, 90, 88, 8, 10], "all_points_y": [20, 22, 42, 40, 20]'
    one = '{"x.jpg123": {"filename": "x.jpg", "regions": {"0": {"shape_attributes": {"name": "polygon", '
    (tmp_path / "via_region_data.json").write_text(one + ring + '}, "region_attributes": {"plate": "AA1234BB"}}}}}')
    plate = only(tmp_path, "via")
    assert (plate.text, plate.box) == ("AA1234BB", (8, 20, 82, 22))
    assert plate.corners == ((10, 20), (90, 22), (88, 42), (8, 40))
    two = '{"_via_settings": {}, "_via_img_metadata": {"k": {"filename": "x.jpg", "regions": [{"shape_attributes":'
    rect = '{"name": "rect", "x": 1, "y": 2, "width": 30, "height": 10}, "region_attributes": {}}]}}}'
    (tmp_path / "via_region_data.json").write_text(two + rect)
    assert only(tmp_path, "via") == PlateLabel("", box=(1, 2, 30, 10))


def test_stanford_like_tables(tmp_path: Path) -> None:
    picture(tmp_path / "00001.jpg")
    (tmp_path / "cars.csv").write_text("fname;x1;y1;x2;y2;plate\n00001.jpg;10;20;70;35;7ABC123\n")
    assert only(tmp_path, "csv") == PlateLabel("7ABC123", box=(10, 20, 60, 15))


@pytest.mark.parametrize(
    ("name", "file", "country"), [("caltech", "image_0001.jpg", "US"), ("zemris", "040603/P6040001.jpg", "HR")]
)
def test_sets_published_without_texts(tmp_path: Path, name: str, file: str, country: str) -> None:
    picture(tmp_path / file)
    with pytest.raises(DataSetError, match=r"plates\.txt: the set is published without the plates' texts"):
        read_set(tmp_path, name)
    (tmp_path / "plates.txt").write_text(f"# read by eye\n{file} 10 20 60 15 ZG123AB\n")
    assert only(tmp_path, name) == PlateLabel("ZG123AB", country, (10, 20, 60, 15))


def test_label_studio_as_exported(tmp_path: Path) -> None:
    picture(tmp_path / "car.jpg")
    (tmp_path / "export.json").write_text(
        '[{"id": 1, "data": {"image": "/data/upload/3/1a2b3c4d-car.jpg"}, "annotations": [{"result": ['
        '{"id": "r", "type": "rectanglelabels", "original_width": 200, "original_height": 100,'
        ' "value": {"x": 10, "y": 20, "width": 40, "height": 10, "rotation": 90, "rectanglelabels": ["plate"]}},'
        '{"id": "r", "type": "textarea", "value": {"text": ["AB 12"]}}]}]}]'
    )
    plate = only(tmp_path, "labelstudio")
    assert plate.text == "AB 12"
    assert plate.box == pytest.approx((10, 20, 10, 80))  # turned by a right angle about its first corner (20, 20)


def test_voc_with_pictures_in_a_sister_folder(tmp_path: Path) -> None:
    picture(tmp_path / "JPEGImages" / "a.jpg")
    (tmp_path / "Annotations").mkdir()
    (tmp_path / "Annotations" / "a.xml").write_text(
        "<annotation><filename>C:\\photos\\a.jpg</filename><object><name>plate</name><plate>AB1</plate><bndbox>"
        "<xmin>10</xmin><ymin>20</ymin><xmax>70</xmax><ymax>35</ymax></bndbox></object></annotation>"
    )
    assert only(tmp_path, "voc") == PlateLabel("AB1", box=(10, 20, 60, 15))


def test_file_name_is_the_plate(tmp_path: Path) -> None:
    for name in ("AB-123-CD_2.jpg", "XY 9 (3).png"):
        picture(tmp_path / name)
    assert [p.plates[0].text for p in read_set(tmp_path, "filename").photos] == ["AB123CD", "XY9"]
    with pytest.raises(UsageError, match="no known data set format"):
        recognise(tmp_path)


# --- what is wrong with files -----------------------------------------------------------------------------------------

HEADER = "file,text,country,x,y,w,h,source,published_text\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (HEADER + 2 * "a.jpg,AB1,,1,2,30,10,,\n", r"labels\.csv:3: a\.jpg AB1 is there twice, first at .*:2"),
        (HEADER + "a.jpg,,,,,,,,\na.jpg,,,,,,,,\n", r"labels\.csv:2: a\.jpg, without a plate, is there 2 times"),
        (HEADER + "a.jpg,,,1,2,30,10,,\n", r"labels\.csv:2: a\.jpg: a box without a text"),
        (HEADER + ",AB1,,,,,,,\n", r"labels\.csv:2: no file name"),
        (HEADER + "a.jpg,AB1,,1,2,0,10,,\n", r"labels\.csv:2: box 0 x 10 has no area"),
        (HEADER + "a.jpg,AB1,,1,2,30,,,\n", r"labels\.csv:2: box: numbers are wanted, not '1 2 30 '"),
        (HEADER + "a.jpg,AB1,,nan,2,30,9,,\n", r"labels\.csv:2: box: finite numbers"),
        (HEADER + "a.jpg,AB1\n", r"labels\.csv:2: 2 fields where the header has 9"),
        ("file,text\na.jpg,AB1\n", r"labels\.csv:1: no column x, y, w, h"),
        (HEADER, "no labelled picture"),
    ],
)  # fmt: skip
def test_wrong_labels_name_file_and_line(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "labels.csv").write_text(content)
    with pytest.raises(DataSetError, match=message):
        read_set(tmp_path, "labels")


def test_encodings(tmp_path: Path) -> None:
    file = tmp_path / "labels.csv"
    content = HEADER + "a.jpg,AB1,,,,,,,\nфото.jpg,А1,,,,,,,\n"
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        file.write_bytes(content.encode(encoding))
        assert recognise(tmp_path) == "labels"
        assert [p.file for p in read_set(tmp_path).photos] == ["a.jpg", "фото.jpg"]
    file.write_bytes(content.encode("cp1251"))
    with pytest.raises(DataSetError, match=r"labels\.csv:3: not UTF-8 text \(byte 0xf4\)"):
        read_set(tmp_path)


@pytest.mark.parametrize(
    ("name", "file", "content", "message"),
    [
        ("openalpr", "a.txt", "a.jpg\t1\t2\t3\tAB1\n", r"a\.txt:1: six fields"),
        ("openalpr", "a.txt", " \n", r"a\.txt:1: empty"),
        ("openalpr", "a.txt", "a.jpg\t1\tx\t3\t4\tAB1\n", r"a\.txt:1: box: numbers are wanted, not '1 x 3 4'"),
        ("ufpr", "a.txt", "camera: x\nplate:\n", r"a\.txt:2: an empty plate"),
        ("ufpr", "a.txt", "camera: x\n", r"a\.txt:1: no 'plate:'"),
        ("rodosol", "a.txt", "plate: A1\ncorners: 1,2 3,4\n", r"a\.txt:2: corners: 8 numbers are wanted, not 4"),
        ("coco", "c.json", '{"images": [],\n "annotations": }', r"c\.json:2: not JSON"),
        ("coco", "c.json", '{"images": []}', r"c\.json: no 'annotations'"),
        ("coco", "c.json", '{"images": [{"id": 1, "file_name": "a"}, {"id": 1, "file_name": "b"}]}', "b .* twice"),
        ("coco", "c.json", '{"images": [], "annotations": [{"image_id": 7}]}', "annotation 1: no image has the id 7"),
        ("coco", "c.json", "[" * 3000, r"c\.json: JSON that is too deep"),
        ("coco", "c.json", "9" * 5000, r"c\.json: JSON that is too deep or too long"),
        ("via", "v.json", '{"k":{"filename":"a","regions":[{"shape_attributes":{"name":"circle"}}]}}', "'circle'"),
        ("labelstudio", "l.json", '{"a": 1}', "a list of tasks is wanted"),
        ("labelstudio", "l.json", '[{"data": {}}]', "task 1: no data.image"),
        ("cvat", "c.xml", "<annotations>\n<image>", r"c\.xml:2: not XML"),
        ("cvat", "c.xml", '<annotations><image name="a"/><image name="a"/></annotations>', "image a is there twice"),
        ("cvat", "c.xml", '<!DOCTYPE x [<!ENTITY e "e">]><annotations/>', "document type"),
        ("voc", "v.xml", "<annotation><object/></annotation>", r"v\.xml: object 1: no bndbox"),
        ("fast-plate-ocr", "f.csv", "image_path,plate_text\na.jpg,\n", r"f\.csv:2: an empty"),
        ("fast-plate-ocr", "f.csv", "image_path,plate_text\na.jpg,A\na.jpg,B\n", r"f\.csv:3: a\.jpg is there twice"),
        ("csv", "t.csv", "photo,plate\na.jpg,A1\n", r"t\.csv:1: no column for the picture"),
        ("yolo", "a.txt", "0 0.5 0.5 0.1\n", r"a\.txt:1: class cx cy w h"),
        ("yolo", "a.txt", "0 0.5 0.5 0.1 0.1\n0 12 0.5 0.1 0.1\n", r"a\.txt:2: shares"),
        ("aolp", "groundtruth_localization/a.txt", "1 2 3", "four numbers, two corners of the plate"),
        ("caltech", "plates.txt", "image_0001.jpg 1 2 AB\n", r"plates\.txt:1: 'picture text'"),
    ],
)  # fmt: skip
def test_wrong_files_name_file_and_place(tmp_path: Path, name: str, file: str, content: str, message: str) -> None:
    for folder in (tmp_path, tmp_path / "Image"):
        picture(folder / "a.jpg")
    for part in ("localization", "recognition"):
        (tmp_path / f"groundtruth_{part}").mkdir()
        (tmp_path / f"groundtruth_{part}" / "a.txt").write_text("AB1" if part == "recognition" else "")
    (tmp_path / file).write_text(content)
    with pytest.raises(DataSetError, match=message):
        read_set(tmp_path, name)


def test_missing_pictures_and_boxes_outside(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    rows = "a.jpg,AB1,,150,50,100,20,,\nabsent.jpg,AB2,,,,,,,\nb.jpg,AB3,,190,50,100,20,,\nbroken.jpg,AB4,,,,,,,\n"
    (tmp_path / "labels.csv").write_text(HEADER + rows)
    for name in ("a.jpg", "b.jpg"):
        picture(tmp_path / name)
    (tmp_path / "broken.jpg").write_text("no picture")
    labels = read_set(tmp_path)
    with pytest.raises(DataSetError) as caught:
        checked(labels)
    lines = str(caught.value).splitlines()
    assert len(lines) == 3
    assert "labels.csv:3: absent.jpg: no such picture" in lines[0]
    assert "labels.csv:4: b.jpg: the box 190,50,100,20 lies outside its 200 x 100 pixels" in lines[1]
    assert "labels.csv:5: " in lines[2]
    assert "broken.jpg" in lines[2]
    assert [p.file for p in checked(labels, skip=True).photos] == ["a.jpg"]
    assert len(caplog.records) == 3


def test_which_of_two_files(tmp_path: Path) -> None:
    for name in ("one.json", "two.json"):
        (tmp_path / name).write_text('{"images": [{"id": 1, "file_name": "a.jpg"}], "annotations": []}')
    with pytest.raises(DataSetError, match=r"one\.json, two\.json: which one"):
        read_set(tmp_path, "coco")
    assert [p.file for p in read_set(tmp_path / "two.json", "coco").photos] == ["a.jpg"]


def test_unknown_names() -> None:
    with pytest.raises(UsageError, match="no data set format 'pdf': there are labels"):
        formats.get_format("pdf")
    with pytest.raises(UsageError, match="no such folder"):
        read_set(Path("absent"))
