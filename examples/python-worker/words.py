"""What the tool `words` runs: imported once, called for each run."""

import collections
import re


def count(path, top="10"):
    """The most frequent words of a text file."""
    with open(path, encoding="utf-8", errors="replace") as text:
        words = collections.Counter(re.findall(r"\w+", text.read().lower()))
    with open("words.txt", "w", encoding="utf-8") as every:
        every.writelines("%s\n" % word for word in sorted(words))
    return [{"word": word, "count": count} for word, count in words.most_common(int(top))]
