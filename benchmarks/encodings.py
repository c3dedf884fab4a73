"""How often the encoding of text without a mark is recognised, by language, code page and length.

    python benchmarks/encodings.py [--csv FILE] [--jsonl FILE:FIELD ...]

Each sentence below alone, and runs of 3 and of all sentences of its language, encoded, then recognised; beside it
charset-normalizer, told to choose among the same code pages. "same text": the letters come out right.
--jsonl: the texts of a field of other files, one by one, in every code page above that can hold them. The
detector was made with the sentences below at hand, not with those.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from toolkit.readers.common import find_encoding

SENTENCES = {
    ("Turkish", "cp1254"): [
        "Cumhurbaşkanı, Şam yönetiminin saldırılarına sert karşılık verileceğini söyledi.",
        "Dışişleri Bakanlığı, ateşkesin sürmesi için Moskova ile görüşmelerin devam ettiğini açıkladı.",
        "Sınır hattında bekleyen binlerce kişi için yeni çadırlar kuruldu.",
        "Bakan, İdlib'deki gözlem noktalarının boşaltılmayacağını bir kez daha yineledi.",
        "Muhalefet ise hükümeti yanlış bir dış politika izlemekle suçladı.",
        "Uzmanlara göre kış koşulları yardımların ulaşmasını zorlaştırıyor.",
        "Ağır hasar gören köprü yeniden trafiğe açıldı.",
        "Görüşmede ekonomi ve göç konuları ele alındı.",
        "Şırnak'ta kar yağışı nedeniyle okullar tatil edildi.",
        "Ankara bu adımı olumlu karşıladı.",
    ],
    ("Russian", "cp1251"): [
        "Президент заявил, что переговоры с Анкарой будут продолжены на следующей неделе.",
        "Министерство обороны сообщило о прекращении огня в провинции Идлиб.",
        "По словам очевидцев, колонна беженцев растянулась на несколько километров.",
        "Дамаск обвинил соседнюю страну в нарушении суверенитета.",
        "Эксперты считают, что договорённость может оказаться недолговечной.",
        "Совет Безопасности соберётся на экстренное заседание в пятницу.",
        "Цены на хлеб выросли вдвое за последний месяц.",
        "Объём помощи, «жизненно важной» для жителей, сократился.",
        "Москва ответила.",
        "Представитель МИД отказался комментировать эти сообщения.",
    ],
    ("Arabic", "cp1256"): [
        "قال الرئيس إن المحادثات مع أنقرة سوف تستمر خلال الأسبوع المقبل.",
        "أعلنت وزارة الدفاع وقف إطلاق النار في محافظة إدلب.",
        "وأفاد شهود عيان بأن آلاف النازحين وصلوا إلى الحدود.",
        "اتهمت دمشق الدولة المجاورة بانتهاك السيادة.",
        "يرى خبراء أن الاتفاق قد لا يدوم طويلا.",
        "يعقد مجلس الأمن جلسة طارئة يوم الجمعة.",
        "ارتفعت أسعار الخبز إلى الضعف خلال الشهر الماضي.",
        "رفض المتحدث باسم الوزارة التعليق على هذه الأنباء.",
        "ردت موسكو على البيان.",
        "ودعت الأمم المتحدة جميع الأطراف إلى ضبط النفس.",
    ],
    ("German", "cp1252"): [
        "Der Außenminister erklärte, die Gespräche mit Ankara würden fortgesetzt.",
        "Für die Flüchtlinge an der türkischen Grenze wurden Zelte aufgestellt.",
        "Die Opposition warf der Regierung vor, die Lage zu beschönigen.",
        "Über die Höhe der Hilfe wird in Brüssel noch verhandelt.",
        "„Wir müssen handeln“, sagte ein Sprecher des Auswärtigen Amtes.",
    ],
    ("French", "cp1252"): [
        "Le président a déclaré que les négociations se poursuivraient à Genève.",
        "Les forces du régime ont repris plusieurs villages près de la frontière.",
        "« Nous ne céderons pas », a affirmé le porte-parole.",
        "L'opposition a dénoncé une décision précipitée.",
        "Ça n'a pas été facile, reconnaît un humanitaire français.",
    ],
    ("Spanish", "cp1252"): [
        "El ministro señaló que la reunión se celebrará mañana en Moscú.",
        "La oposición acusó al Gobierno de ocultar información.",
        "¿Qué ocurrirá después de la tregua?",
        "Miles de niños cruzaron la frontera en los últimos días.",
    ],
    ("Portuguese", "cp1252"): [
        "O ministro afirmou que não haverá novas negociações até amanhã.",
        "A situação na região é cada vez mais difícil, segundo a organização.",
    ],
    ("Swedish", "cp1252"): [
        "Utrikesministern säger att förhandlingarna fortsätter på måndag.",
        "Över tusen människor väntar fortfarande vid gränsen.",
    ],
    ("Icelandic", "cp1252"): [
        "Ráðherra sagði að viðræður við Tyrki héldu áfram og að það væri mikilvægt.",
        "Þúsundir manna bíða enn við landamærin, segir í tilkynningu.",
        "Forsetinn fór þangað í gær ásamt eiginkonu sinni.",
    ],
    ("English, Turkish names", "cp1254"): [
        "President Erdoğan warned Damascus on Friday that Ankara's patience was at an end.",
        "Foreign Minister Mevlüt Çavuşoğlu met his counterpart in Moscow.",
        "Opposition leader Kılıçdaroğlu called the operation a mistake.",
        "The convoy left Şırnak for the border in the morning.",
        "The daily Yeni Şafak and the news site Diken reported it first.",
    ],
    ("English, Western names", "cp1252"): [
        "President Macron said that the café in São Paulo had closed.",
        "“We won’t retreat,” a spokesman in Damascus said – and hung up.",
        "Josep Borrell and José Manuel Albares met in Málaga.",
    ],
    ("English, Icelandic names", "cp1252"): [
        "Prime Minister Sigurður Ingi Jóhannsson spoke in Reykjavík.",
        "Þórdís Kolbrún, the foreign minister, condemned the attack.",
    ],
}  # fmt: skip


def ours(data: bytes) -> str:
    return find_encoding([data])


def theirs(data: bytes) -> str:
    from charset_normalizer import from_bytes

    pages = ["utf_8", "utf_16", "utf_16_le", "utf_16_be", "cp1252", "cp1254", "cp1251", "cp1256"]
    best = from_bytes(data, cp_isolation=pages).best()
    return best.encoding if best else "ascii"


def score(texts: list[str], encoding: str, recognise: Callable[[bytes], str]) -> tuple[int, int]:
    """How many of the texts come out with the same letters, and how many hold a letter beyond ASCII at all."""
    telling = [text for text in texts if not text.isascii()]
    right = sum(text.encode(encoding).decode(recognise(text.encode(encoding)), "replace") == text for text in telling)
    return right, len(telling)


def held_out(path: Path, field: str) -> pd.DataFrame:
    """The same over the texts of a file, by code page; a text that is the same in two pages counts once, as Western."""
    counts: dict[str, list[int]] = {}
    for line in path.open(encoding="utf-8"):
        text = json.loads(line).get(field)
        if not isinstance(text, str) or text.isascii():
            continue
        for page in ("cp1252", "cp1254", "cp1251", "cp1256"):
            try:
                text.encode(page)
            except UnicodeEncodeError:
                continue
            if any(char.isalpha() and not char.isascii() for char in text):
                tally = counts.setdefault(page, [0, 0, 0])
                tally[0] += 1
                tally[1] += score([text], page, ours)[0]
                tally[2] += score([text], page, theirs)[0]
                break
    rows = [(path.parent.name, page, *tally) for page, tally in counts.items()]
    return pd.DataFrame(rows, columns=["data", "encoding", "texts", "same_text", "charset_normalizer"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--csv", type=Path)
    parser.add_argument("--jsonl", nargs="*", default=[], metavar="FILE:FIELD")
    options = parser.parse_args()
    for given in options.jsonl:
        path, _, field = given.rpartition(":")
        print(held_out(Path(path), field).to_string(index=False))
    rows = []
    for (language, page), sentences in SENTENCES.items():
        for encoding in (page, "utf-8", "utf-16-le", "utf-16-be"):
            for size in (1, 3, len(sentences)):
                if size == len(sentences) and size <= 3 and size != 1:
                    continue
                runs = [" ".join(sentences[i : i + size]) for i in range(max(1, len(sentences) - size + 1))]
                right, n = score(runs, encoding, ours)
                other, _ = score(runs, encoding, theirs)
                rows.append((language, encoding, size if size < len(sentences) else "all", n, right, other))
    table = pd.DataFrame(
        rows, columns=["language", "encoding", "sentences", "texts", "same_text", "charset_normalizer"]
    )
    print(table.to_string(index=False))
    sums = table.assign(kind=table["encoding"].where(table["encoding"].str.startswith("utf"), "code page"))
    print(sums.groupby(["kind", table["sentences"].astype(str)])[["texts", "same_text", "charset_normalizer"]].sum())
    if options.csv:
        table.to_csv(options.csv, index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
