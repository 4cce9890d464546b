"""The closed table of measures.

A measure is a code of UN/CEFACT Recommendation 20, or of Recommendation 21 (packages) with an X in front, as is usual
where the two stand in one field. Each has a dimension and a whole factor to the dimension's base measure, so that
conversion is exact. Packs (sack, box, bunch …) have no factor: how much one holds is said by the item, since a sack of
rice is 50 kg here and 60 kg there. The table grows only with the program; a record with another code is void.

Source: spec/03-records R-25; UN/CEFACT Recommendations 20 and 21.

>>> to_base(2_500, "KGM")
(2500000, 'GRM')
>>> convert(1_000, "DZN", "C62")
12000
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Measure:
    """One row of the table.

    Attributes:
        code: The code on the wire.
        symbol: What stands behind a number on a page.
        dimension: What it measures; only measures of one dimension convert.
        factor: How many base measures one is; 0 for a pack.
        labels: Names by language, `pt`, `es`, `en`.
    """

    code: str
    symbol: str
    dimension: str
    factor: int
    labels: MappingProxyType[str, str]

    @property
    def is_pack(self) -> bool:
        """Whether only the item says how much one holds."""
        return self.factor == 0


_TABLE = """
GRM  g       mass    1          grama             gramo             gram
KGM  kg      mass    1000       quilo             kilo              kilogram
TNE  t       mass    1000000    tonelada          tonelada          tonne
MLT  ml      volume  1          mililitro         mililitro         millilitre
LTR  l       volume  1000       litro             litro             litre
MTQ  m³      volume  1000000    metro_cúbico      metro_cúbico      cubic_metre
CMT  cm      length  1          centímetro        centímetro        centimetre
MTR  m       length  100        metro             metro             metre
KMT  km      length  100000     quilômetro        kilómetro         kilometre
CMK  cm²     area    1          centímetro_quadrado centímetro_cuadrado square_centimetre
MTK  m²      area    10000      metro_quadrado    metro_cuadrado    square_metre
HAR  ha      area    100000000  hectare           hectárea          hectare
MIN  min     time    1          minuto            minuto            minute
HUR  h       time    60         hora              hora              hour
DAY  dia     time    1440       dia               día               day
WEE  semana  time    10080      semana            semana            week
MON  mês     months  1          mês               mes               month
ANN  ano     months  12         ano               año               year
E49  diária  workday 1          dia_de_trabalho   jornada           working_day
WHR  Wh      energy  1          watt-hora         vatio-hora        watt_hour
KWH  kWh     energy  1000       quilowatt-hora    kilovatio-hora    kilowatt_hour
C62  un      count   1          unidade           unidad            unit
PR   par     count   2          par               par               pair
DZN  dz      count   12         dúzia             docena            dozen
CEN  cento   count   100        cento             ciento            hundred
MIL  mil     count   1000       milheiro          millar            thousand
Q3   refeição meal   1          refeição          comida            meal
IE   pessoa  person  1          pessoa            persona           person
E48  serviço service 1          serviço           servicio          service
E51  obra    job     1          empreitada        trabajo           job
E54  viagem  trip    1          viagem            viaje             trip
XBG  saquinho pack   0          saquinho          bolsa             bag
XSA  saco    pack    0          saco              saco              sack
XBX  caixa   pack    0          caixa             caja              box
XCR  engradado pack  0          engradado         cajón             crate
XBH  maço    pack    0          maço              atado             bunch
XPU  bandeja pack    0          bandeja           bandeja           tray
XJR  pote    pack    0          pote              frasco            jar
XBO  garrafa pack    0          garrafa           botella           bottle
XBK  cesta   pack    0          cesta             canasta           basket
XBJ  balde   pack    0          balde             balde             bucket
XPK  pacote  pack    0          pacote            paquete           package
XRO  rolo    pack    0          rolo              rollo             roll
"""


def _read_table(table: str) -> MappingProxyType[str, Measure]:
    measures = {}
    for line in table.split("\n"):
        if line:
            code, symbol, dimension, factor, *labels = line.split()
            names = dict(zip(("pt", "es", "en"), (label.replace("_", " ") for label in labels), strict=True))
            measures[code] = Measure(code, symbol, dimension, int(factor), MappingProxyType(names))
    return MappingProxyType(measures)


MEASURES = _read_table(_TABLE)
"""All measures by code."""

_BASES = {measure.dimension: measure.code for measure in MEASURES.values() if measure.factor == 1}


def to_base(quantity: int, code: str) -> tuple[int, str]:
    """Express a quantity in the base measure of its dimension, exactly.

    Args:
        quantity: Thousandths of the measure `code`.
        code: A code of the table; KeyError otherwise.

    Returns:
        Thousandths of the base measure, and that measure's code. A pack is its own base.
    """
    measure = MEASURES[code]
    if measure.is_pack:
        return quantity, code
    return quantity * measure.factor, _BASES[measure.dimension]


def convert(quantity: int, code: str, other: str) -> int | None:
    """Express thousandths of one measure in thousandths of another.

    Returns:
        The quantity, or None where the dimensions differ or it isn't a whole number of thousandths.
    """
    base, base_code = to_base(quantity, code)
    factor, other_base = to_base(1, other)
    if base_code != other_base or base % factor:
        return None
    return base // factor
