"""A disk as a power cut may leave it: what had been flushed, and any part of what had not.

``read_log`` reads what writelog.c wrote; ``Disk`` follows it; ``choose`` takes writes that have not been
flushed, by themselves or torn; ``Place`` lays a state out in a folder.
"""

import collections
import os
import pathlib
import random
import struct

HEAD = struct.Struct("<IIQQQQII")
SECTOR = 512
NEW = 1 << 56
LOG_HEAD, FRAME_HEAD, FRAME = 32, 24, 24 + 4096


class Event:
    """One line of the log."""

    __slots__ = ("kind", "time", "file", "offset", "covers", "path", "data")

    def __init__(self, log: bytes, at: int):
        _, kind, nanoseconds, self.file, self.offset, self.covers, path, data = HEAD.unpack_from(
            log, at
        )
        self.kind = chr(kind)
        self.time = nanoseconds / 1e9
        at += HEAD.size
        self.path = log[at : at + path].decode()
        self.data = log[at + path : at + path + data]


def read_log(path: pathlib.Path) -> list[Event]:
    """The events in order; a file's number is its own, though the system gives inodes out again."""
    log, events, at = path.read_bytes(), [], 0
    numbers: dict[int, int] = {}
    while at < len(log):
        event = Event(log, at)
        at += HEAD.unpack_from(log, at)[0]
        if event.kind == "C":
            numbers[event.file] = NEW + len(events)
        if event.kind != "N":
            event.file = numbers.get(event.file, event.file)
        events.append(event)
    return events


def quotas(events: list[Event], states: int) -> list[int]:
    """How many states to try after each event: more where more writes wait for a flush."""
    weights, waiting = [], []
    for number, event in enumerate(events, 1):
        if event.kind in "WTCLRUM":
            waiting.append((number, event))
        elif event.kind in "SF":
            waiting = [(at, other) for at, other in waiting if not is_covered(at, other, event)]
        weights.append(1 + min(len(waiting), 32) if event.kind != "N" else 1)
    scale, due, chosen = states / sum(weights), 0.0, []
    for weight in weights:
        due += weight * scale
        chosen.append(int(due))
        due -= int(due)
    return chosen


def is_covered(at: int, waiting: Event, flush: Event) -> bool:
    """Whether a flush is of an event that came at `at`."""
    if flush.kind == "F":
        return at <= flush.covers and waiting.kind in "CLRUM"
    return at <= flush.covers and waiting.kind in "WT" and waiting.file == flush.file


def commits_in_flight(events: list[Event]) -> int:
    """The most commits of one write-ahead log that waited for a flush at the same time. With two of them a
    power cut can tear the first and leave the second, which looks like damage.

    A commit is the header of a frame (24 bytes at its place) with the size of the database in it."""
    waiting: list[tuple[int, Event]] = []
    most = 0
    for number, event in enumerate(events, 1):
        if event.kind == "W" and len(event.data) == FRAME_HEAD:
            place, size = (event.offset - LOG_HEAD) % FRAME, event.data[4:8]
            if event.offset >= LOG_HEAD and place == 0 and size != bytes(4):
                same = [other for _, other in waiting if other.file == event.file]
                most = max(most, len({other.offset for other in same} | {event.offset}))
                waiting.append((number, event))
        elif event.kind == "S":
            waiting = [(at, other) for at, other in waiting if not is_covered(at, other, event)]
    return most


class Disk:
    """What has been flushed, and what has not."""

    def __init__(self, root: pathlib.Path, snapshot: pathlib.Path, inodes: dict[str, int]):
        self.root = str(root)
        self.names = dict(inodes)
        """The number of the file behind each flushed name."""
        self.files = {
            number: bytearray((snapshot / name).read_bytes()) for name, number in inodes.items()
        }
        self.changes: dict[int, list[tuple[int, int]]] = collections.defaultdict(list)
        """The stretches of each file that were flushed, in order."""
        self.version = 0
        self.pending: list[tuple[int, Event]] = []

    def take(self, number: int, event: Event) -> None:
        """An event has happened: `number` of them with it."""
        if event.kind in "WTCLRUM":
            self.pending.append((number, event))
        elif event.kind in "SF":
            rest = []
            for at, waiting in self.pending:
                if is_covered(at, waiting, event):
                    self.flush(waiting)
                else:
                    rest.append((at, waiting))
            self.pending = rest

    def flush(self, event: Event) -> None:
        self.version += 1
        if event.kind == "W":
            put(self.files.setdefault(event.file, bytearray()), event.offset, event.data)
            self.changes[event.file].append((event.offset, event.offset + len(event.data)))
        elif event.kind == "T":
            cut(self.files.setdefault(event.file, bytearray()), event.offset)
            self.changes[event.file].append((event.offset, event.offset))
        else:
            rename(event, self.names, self.root)


def put(content: bytearray, offset: int, data: bytes) -> None:
    if len(content) < offset + len(data):
        content.extend(bytes(offset + len(data) - len(content)))
    content[offset : offset + len(data)] = data


def cut(content: bytearray, size: int) -> None:
    del content[size:]
    content.extend(bytes(size - len(content)))


def rename(event: Event, names: dict[str, int], root: str) -> None:
    """Does to the names what the event says."""
    paths = [path[len(root) + 1 :] for path in event.path.split("\0")]
    if event.kind == "C":
        names[paths[0]] = event.file
    elif event.kind == "U":
        names.pop(paths[0], None)
    elif event.kind in "LR":
        names[paths[1]] = event.file
        if event.kind == "R":
            names.pop(paths[0], None)


def choose(pending: list[Event], how: int, chance: random.Random) -> list:
    """Which of the waiting writes have reached the disk: (event, None or (offset, bytes)) in order."""
    if how == 0 or not pending:
        return []
    if how == 1:
        return [(event, None) for event in pending]
    if how == 2:
        end = chance.randrange(len(pending) + 1)
        chosen = [(event, None) for event in pending[:end]]
        if end < len(pending) and pending[end].kind == "W":
            torn = chance.randrange(0, len(pending[end].data) + 1, SECTOR)
            chosen.append((pending[end], (pending[end].offset, pending[end].data[:torn])))
        return chosen
    # Names are kept in order, as file systems with a journal do; writes are not.
    named = sum(event.kind in "CLRUM" for event in pending)
    named = chance.randrange(named + 1)
    share = chance.random()
    chosen = []
    for event in pending:
        if event.kind in "CLRUM":
            named -= 1
            if named >= 0:
                chosen.append((event, None))
        elif event.kind == "T" or how == 3:
            if chance.random() < share:
                chosen.append((event, None))
        else:
            start = 0
            while start < len(event.data):
                # Sectors of the disk, not of the write.
                end = min(
                    len(event.data), start + SECTOR - (event.offset + start) % SECTOR
                )
                if chance.random() < share:
                    chosen.append((event, (event.offset + start, event.data[start:end])))
                start = end
    return chosen


class Place:
    """A folder in memory in which one state after the other is laid out, writing what differs."""

    def __init__(self, folder: pathlib.Path, disk: Disk):
        self.disk = disk
        self.folder = folder
        (folder / "files").mkdir(parents=True)
        (folder / "state").mkdir()
        self.names: dict[str, int] = {}
        self.open: dict[int, int] = {}
        self.done: dict[int, int] = {}
        """How many changes of each file are laid out."""
        self.dirty: dict[int, list[tuple[int, int]]] = {}
        """What the last state has in each file beyond what was flushed."""

    @property
    def state(self) -> pathlib.Path:
        return self.folder / "state"

    def lay(self, chosen: list) -> None:
        names = dict(self.disk.names)
        for event, _ in chosen:
            if event.kind not in "WT":
                rename(event, names, self.disk.root)
        for number in set(names.values()):
            self.restore(number)
        for event, data in chosen:
            if event.kind in "WT":
                self.change(event, data)
        for name in self.names.keys() - names.keys():
            os.unlink(self.state / name)
        for name, number in names.items():
            if self.names.get(name) != number:
                (self.state / name).unlink(missing_ok=True)
                os.link(self.folder / "files" / str(number), self.state / name)
        self.names = names
        for name in ("ledger.sqlite-shm", "journal.sqlite-shm"):
            (self.state / name).unlink(missing_ok=True)

    def file(self, number: int) -> int:
        if number not in self.open:
            path = self.folder / "files" / str(number)
            self.open[number] = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
            self.done[number] = 0
            self.dirty[number] = [(0, len(self.disk.files.get(number, b"")))]
            self.restore(number)
        return self.open[number]

    def restore(self, number: int) -> None:
        """Makes a file what was flushed of it."""
        file, content = self.file(number), self.disk.files.get(number, b"")
        stretches = self.dirty[number] + self.disk.changes[number][self.done[number] :]
        if not stretches:
            return
        os.ftruncate(file, len(content))
        for start, end in stretches:
            os.pwrite(file, content[start:end], start)
        self.done[number] = len(self.disk.changes[number])
        self.dirty[number] = []

    def change(self, event: Event, data) -> None:
        file = self.file(event.file)
        if event.kind == "W":
            offset, written = data or (event.offset, event.data)
            os.pwrite(file, written, offset)
            self.dirty[event.file].append((offset, offset + len(written)))
        else:
            os.ftruncate(file, event.offset)
            self.dirty[event.file].append((event.offset, len(self.disk.files.get(event.file, b""))))

    def close(self) -> None:
        for file in self.open.values():
            os.close(file)


def split(quota: list[int], parts: int) -> list[int]:
    """Places in the list between which about as many states lie."""
    edges, done, total = [0], 0, sum(quota)
    for place, number in enumerate(quota, 1):
        done += number
        if done * parts >= total * len(edges) and place > edges[-1]:
            edges.append(place)
    return edges if edges[-1] == len(quota) else [*edges, len(quota)]
