"""The byte encoding of lib0, in which Yjs writes everything: numbers of seven bits a byte, lengths before contents."""

MAX = 2**53 - 1
CLOCK_END = 2**31  # native code counts clocks in 32 bits
_LONGEST = 49  # the shift of the eighth byte: 56 bits, more than any number here needs


class Malformed(Exception):
    """These bytes are not what they should be; the text says in what."""


def uint(number: int) -> bytes:
    """`number` as a variable-length unsigned integer (lib0 `writeVarUint`)."""
    if number < 128:
        return bytes((number,))
    parts = bytearray()
    while number > 127:
        parts.append(number & 127 | 128)
        number >>= 7
    parts.append(number)
    return bytes(parts)


def blob(data: bytes) -> bytes:
    """`data` behind its length (lib0 `writeVarUint8Array`, and `writeVarString` for UTF-8)."""
    return uint(len(data)) + data


class Reader:
    """Reads from `data` onwards from `at`. Where bytes run out: IndexError or `Malformed`; callers treat them alike."""

    __slots__ = ("at", "data")

    def __init__(self, data: bytes, at: int = 0) -> None:
        self.data, self.at = data, at

    def uint(self) -> int:
        """A number up to 2^53 - 1 in its shortest spelling; anything else is `Malformed`."""
        data, at = self.data, self.at
        byte = data[at]
        if byte < 128:
            self.at = at + 1
            return byte
        number, shift = byte & 127, 7
        while True:
            at += 1
            byte = data[at]
            number |= (byte & 127) << shift
            if byte < 128:
                break
            shift += 7
            if shift > _LONGEST:
                raise Malformed("long number")
        if not byte or number > MAX:
            raise Malformed("number")
        self.at = at + 1
        return number

    def blob(self) -> bytes:
        """As many bytes as the number in front of them says."""
        length = self.uint()
        start = self.at
        self.at = end = start + length
        if end > len(self.data):
            raise Malformed("cut")
        return self.data[start:end]

    def text(self) -> str:
        """A string; `Malformed` if it is not UTF-8."""
        try:
            return self.blob().decode()
        except UnicodeDecodeError as error:
            raise Malformed("text") from error

    def skip(self, length: int) -> None:
        self.at += length
        if self.at > len(self.data):
            raise Malformed("cut")

    def ended(self) -> bool:
        return self.at == len(self.data)
