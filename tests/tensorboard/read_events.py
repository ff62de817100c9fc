#!/usr/bin/python3
"""An independent reader of TensorBoard's event files, from the format alone: its own CRC-32C and protobuf wire format.

read_events.py FOLDER [HISTORY.jsonl [IMAGES]]: checks every record, picture and projector file of a log, and prints a
line for each tag. With the history of the run, its numbers must be those of the log. Exit status 1, and why, where they
are not. The last image of each tag is written to the folder IMAGES, attention/1 as attention-1.png.
"""
import json
import math
import pathlib
import struct
import sys
import zlib

CRC_TABLE = []
for number in range(256):
    for _ in range(8):
        number = number >> 1 ^ (0x82F63B78 if number & 1 else 0)
    CRC_TABLE.append(number)


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ CRC_TABLE[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def masked(data):
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def fail(why):
    sys.exit(f"read_events: {why}")


assert crc32c(b"123456789") == 0xE3069283


def records(path):
    data = path.read_bytes()
    at = 0
    while at < len(data):
        header = data[at:at + 12]
        if len(header) < 12:
            fail(f"{path}: a header is cut off at {at}")
        length, crc = struct.unpack("<QI", header)
        if masked(header[:8]) != crc:
            fail(f"{path}: wrong CRC of the length at {at}")
        body = data[at + 12:at + 12 + length]
        tail = data[at + 12 + length:at + 16 + length]
        if len(body) != length or len(tail) != 4:
            fail(f"{path}: a record is cut off at {at}")
        if masked(body) != struct.unpack("<I", tail)[0]:
            fail(f"{path}: wrong CRC of the data at {at}")
        yield body
        at += 16 + length


def fields(data):
    """{field number: [values]}: varints as whole numbers, the rest as bytes."""
    out = {}
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(data):
        key = varint()
        kind = key & 7
        if kind == 0:
            value = varint()
        else:
            length = {1: 8, 5: 4}.get(kind)
            if length is None:
                if kind != 2:
                    fail(f"wire type {kind}")
                length = varint()
            value = data[at:at + length]
            if len(value) != length:
                fail("a field is cut off")
            at += length
        out.setdefault(key >> 3, []).append(value)
    return out


def one(message, number, default=b""):
    return message.get(number, [default])[0]


def double(data):
    return struct.unpack("<d", data)[0] if data else 0.0


def doubles(data):
    return struct.unpack(f"<{len(data) // 8}d", data)


def check_png(png, width, height):
    if not png.startswith(b"\x89PNG\r\n\x1a\n"):
        fail("an image is no PNG")
    at = 8
    pixels = b""
    size = None
    while at < len(png):
        length, name = struct.unpack(">I4s", png[at:at + 8])
        body = png[at + 8:at + 8 + length]
        if zlib.crc32(name + body) != struct.unpack(">I", png[at + 8 + length:at + 12 + length])[0]:
            fail(f"wrong CRC of the PNG's {name}")
        if name == b"IHDR":
            size = struct.unpack(">II", body[:8])
        if name == b"IDAT":
            pixels += body
        at += 12 + length
    if size != (width, height):
        fail(f"the image is {size}, the message says {(width, height)}")
    if len(set(zlib.decompress(pixels))) < 8:
        fail("the image is of one colour")


def read_value(value, step, log):
    tag = one(value, 1).decode()
    metadata = fields(one(value, 9))
    if 2 in value:
        log.setdefault(tag, []).append((step, struct.unpack("<f", value[2][0])[0]))
    elif 4 in value:
        image = fields(value[4][0])
        check_png(one(image, 4), one(image, 2, 0), one(image, 1, 0))
        log.setdefault(tag, []).append((step, one(image, 4)))
    elif 5 in value:
        histogram = fields(value[5][0])
        limits, counts = doubles(one(histogram, 6)), doubles(one(histogram, 7))
        low, high, count = (double(one(histogram, n)) for n in (1, 2, 3))
        if len(limits) != len(counts) or list(limits) != sorted(limits) or sum(counts) != count or count < 1:
            fail(f"{tag}: limits and counts do not fit")
        if not low <= double(one(histogram, 4)) / count <= high or limits[-1] < high:
            fail(f"{tag}: sum, least and most do not fit")
        log.setdefault(tag, []).append((step, f"histogram of {int(count)}"))
        if tag.startswith("gradients/"):
            log.setdefault("(squares)", []).append((step, double(one(histogram, 5))))
    elif 8 in value:
        tensor = fields(value[8][0])
        plugin = one(fields(one(metadata, 1)), 1)
        if one(tensor, 1, 0) != 7 or plugin != b"text" or len(tensor.get(8, [])) != 1:
            fail(f"{tag}: no text")
        if one(fields(one(fields(one(tensor, 2)), 2)), 1, 0) != 1:
            fail(f"{tag}: the shape is not [1]")
        log.setdefault(tag, []).append((step, tensor[8][0].decode()))
    else:
        fail(f"{tag}: no value")


def read_log(folder):
    log = {}
    files = sorted(folder.glob("events.out.tfevents.*"))
    if not files:
        fail(f"{folder}: no event file")
    for path in files:
        events = [fields(record) for record in records(path)]
        if not events:  # as what another run replaced
            continue
        if one(events[0], 3) != b"brain.Event:2":
            fail(f"{path}: the first record is no file version")
        for event in events[1:]:
            step = one(event, 2, 0)
            if double(one(event, 1)) < 1e9:
                fail(f"{path}: no wall time")
            if 7 in event:
                if one(fields(event[7][0]), 1, 0) != 1:
                    fail(f"{path}: the session log is no START")
                # What TensorBoard does: later steps of earlier files are forgotten.
                for tag in log:
                    log[tag] = [point for point in log[tag] if point[0] < step]
                log.setdefault("(start)", []).append((step, "start"))
            elif 5 in event:
                for value in fields(event[5][0]).get(1, []):
                    read_value(fields(value), step, log)
            else:
                fail(f"{path}: an event without content")
    return files, log


def check_projector(folder):
    config = (folder / "projector_config.pbtxt").read_text()
    paths = [line.split('"')[1] for line in config.splitlines() if "_path:" in line]
    if config.count("embeddings {") * 2 != len(paths) or not paths:
        fail("projector_config.pbtxt names no files")
    for vectors, labels in zip(paths[::2], paths[1::2]):
        rows = [line.split("\t") for line in (folder / vectors).read_text().split("\n")[:-1]]
        names = (folder / labels).read_text().split("\n")[:-1]
        if len(rows) != len(names) or len({len(row) for row in rows}) != 1:
            fail(f"{vectors}: rows, columns and labels do not fit")
        if not all(math.isfinite(float(number)) for row in rows for number in row):
            fail(f"{vectors}: a number is not finite")
        print(f"projector\t{vectors}\t{len(rows)} x {len(rows[0])}")


def check_history(log, path):
    validations = [line for line in map(json.loads, open(path, encoding="utf-8")) if line["kind"] == "validation"]
    for tag, value in (("perplexity", lambda v: v["perplexity"]), ("bleu", lambda v: v["bleu"]),
                       ("accuracy", lambda v: v["accuracy"]), ("loss", lambda v: math.log(v["perplexity"])),
                       ("attention_entropy", lambda v: v.get("attention_entropy")),
                       ("attention_maximum", lambda v: v.get("attention_maximum"))):
        expected = [(v["update"], value(v)) for v in validations if value(v) is not None]
        actual = log.get("validation/" + tag, [])
        if [step for step, _ in actual] != [step for step, _ in expected]:
            fail(f"validation/{tag}: steps {actual}, the history has {expected}")
        if any(not math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-6) for (_, a), (_, b) in zip(actual, expected)):
            fail(f"validation/{tag}: {actual}, the history has {expected}")
    for number, sample in enumerate(validations[-1]["samples"], 1):
        text = log[f"samples/{number}"][-1][1]
        for key in ("source", "reference", "text"):
            if sample[key] not in text:
                fail(f"samples/{number}: {text!r} has not the {key} {sample[key]!r}")


def check_gradients(log):
    """The norm that an update told is that of the gradients after it."""
    norms = dict(log.get("train/gradient_norm", []))
    squares = {}
    for step, sum_of_tag in log.pop("(squares)", []):
        squares[step] = squares.get(step, 0.0) + sum_of_tag
    for step, sum_of_all in squares.items():
        if step in norms and not math.isclose(math.sqrt(sum_of_all), norms[step], rel_tol=1e-4):
            fail(f"gradients of step {step}: their norm is {math.sqrt(sum_of_all)}, train/gradient_norm says {norms[step]}")


def main():
    folder = pathlib.Path(sys.argv[1])
    files, log = read_log(folder)
    check_gradients(log)
    if len(sys.argv) > 2:
        check_history(log, sys.argv[2])
    if len(sys.argv) > 3:
        images = pathlib.Path(sys.argv[3])
        images.mkdir()
        for tag, points in log.items():
            if isinstance(points[-1][1], bytes):
                (images / (tag.replace("/", "-") + ".png")).write_bytes(points[-1][1])
    check_projector(folder)
    print(f"files\t{len(files)}")
    for tag, points in sorted(log.items()):
        steps = [step for step, _ in points]
        if steps != sorted(steps):
            fail(f"{tag}: steps go back: {steps}")
        print(f"{tag}\t{len(points)}\t{steps[0]}-{steps[-1]}")


main()
