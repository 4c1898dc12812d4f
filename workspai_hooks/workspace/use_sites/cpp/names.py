"""How protoc spells names in C++ (protobuf: src/google/protobuf/compiler/cpp/helpers.cc)."""

from __future__ import annotations

KEYWORDS = frozenset(
    """
    NULL alignas alignof and and_eq asm assert auto bitand bitor bool break case catch char char16_t char32_t
    char8_t class co_await co_return co_yield compl concept const const_cast consteval constexpr constinit
    continue decltype default delete do double dynamic_cast else enum explicit export extern false float for
    friend goto if inline int long mutable namespace new noexcept not not_eq nullptr operator or or_eq private
    protected public register reinterpret_cast requires return short signed sizeof static static_assert
    static_cast struct switch template this thread_local throw true try typedef typeid typename union unsigned
    using virtual void volatile wchar_t while xor xor_eq
    """.split()  # noqa: SIM905
)


def kept(word: str) -> str:
    """A name that is no keyword."""
    return f"{word}_" if word in KEYWORDS else word


def field_name(name: str) -> str:
    """What a field's accessors are called."""
    return kept(name.lower())


def camel(name: str) -> str:
    """`UnderscoresToCamelCase` with a capital first: `user_id2_x` is `UserId2X`, other capitals stay."""
    found = []
    capital = True
    for letter in name:
        if letter.isascii() and letter.isalnum():
            found.append(letter.upper() if capital and letter.isalpha() else letter)
            capital = letter.isdigit()
        else:
            capital = True
    return "".join(found)


def class_name(parts: tuple[str, ...]) -> str:
    """`Outer_Inner` for what stands in Outer."""
    return kept("_".join(parts))


def namespace_of(package: str) -> str:
    """`shop::v1` for `shop.v1`."""
    return "::".join(kept(part) for part in package.split(".")) if package else ""
