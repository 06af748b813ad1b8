from shared.audit.reading import LogRead, NoteReading, reading
from tests.spec import Spec

note = NoteReading(of="", offices=("auditor",))
noted = LogRead(of="", by="aldo", offices=("auditor",))


def test_who_reads_a_log_is_in_it_once_a_day():
    Spec(reading).when(note, by="aldo").then(noted)
    Spec(reading).given(noted).when(note, by="aldo").then()
