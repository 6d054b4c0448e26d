"""What can go wrong on the way to the Hub: each changes an answer of the server."""

from hub.server import Answer, Fault


def status(code: int, **headers: str) -> Fault:
    """Another status, with headers such as X_Error_Code."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda answer: Answer(code, headers=sent)


def gated(answer: Answer) -> Answer:
    """The repository's owner has to be asked first."""
    return status(403, X_Error_Code="GatedRepo")(answer)


def logged_out(answer: Answer) -> Answer:
    """A token that the Hub does not know."""
    message = "Invalid credentials in Authorization header"
    return status(401, X_Error_Message=message)(answer)


def stall(seconds: float) -> Fault:
    """Nothing comes for so long."""

    def fault(answer: Answer) -> Answer:
        answer.delay = seconds
        return answer

    return fault


def hanging(answer: Answer) -> Answer:
    """Half of a file comes, and then nothing for a minute."""
    answer.hang = 60
    return answer


def cut_off(answer: Answer) -> Answer:
    """The connection ends in the middle of a file."""
    answer.cut = len(answer.body) // 2
    return answer


def truncated(answer: Answer) -> Answer:
    """The file is shorter than the listing says, and is sent as if it were whole."""
    answer.body = answer.body[: len(answer.body) // 2]
    return answer


def flipped(answer: Answer) -> Answer:
    """One byte in the middle of a file is another."""
    middle = len(answer.body) // 2
    body = bytearray(answer.body)
    body[middle : middle + 1] = bytes([body[middle] ^ 1]) if body else b""
    answer.body = bytes(body)
    return answer
