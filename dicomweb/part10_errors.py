"""What can be wrong with a Part 10 file handed in from outside.

```
Part10Error
├── NotDicomError                    no preamble and prefix where PS3.10 7.1 wants them
├── MalformedError                   bytes that no data set can have
│   ├── TruncatedError               a length reaches past what encloses it, or the file ends too early
│   └── TooDeepError                 sequences nested deeper than the limit
├── TooLargeError                    more elements, header or inflated bytes than the limits allow
├── UnsupportedTransferSyntaxError   a transfer syntax that is not read here
└── MissingIdentityError             a UID without which an instance cannot be kept is absent or no UID
```

Texts name the tag and the offset, never a value.
"""


class Part10Error(ValueError):
    """A Part 10 file that cannot be taken; the text says what is wrong and where, without identity."""


class NotDicomError(Part10Error):
    """The bytes are no DICOM file."""


class MalformedError(Part10Error):
    """The bytes contradict the encoding rules of PS3.5."""


class TruncatedError(MalformedError):
    """A length reaches past its container, or the file ends before its data set does."""


class TooDeepError(MalformedError):
    """Sequences are nested deeper than allowed."""


class TooLargeError(Part10Error):
    """The header is larger, or has more elements, than allowed."""


class UnsupportedTransferSyntaxError(Part10Error):
    """The transfer syntax is missing, or one that is not read here."""


class MissingIdentityError(Part10Error):
    """A UID that names the instance is absent or is no UID."""
