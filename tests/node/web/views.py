"""Views made by hand for the tests of the pages: a small network with one of everything that a page can show."""

from msgspec.structs import replace

from node.services.views import (
    AgentRef,
    AgentView,
    AttestationView,
    CompositionPart,
    ListingView,
    MoneyView,
    NeighbourView,
    NetworkView,
    PlaceView,
    PostView,
    PriceView,
    SealRef,
    SealSubjectView,
    SealView,
    ThingRef,
    UnitView,
)

NOW_MS = 1_795_460_000_000  # 23 November 2026
DAY_MS = 86_400_000


def identifier(kind: str, number: int) -> str:
    """Give an id in the shape of a real one."""
    return (
        f"{kind}:{'abcdefgh'[number % 8]}{number:02}".replace("0", "q")
        .replace("1", "r")
        .replace("8", "s")
        .replace("9", "t")
        .ljust(len(kind) + 53, "x")
    )


def real(amount: int) -> MoneyView:
    """Give an amount of official money, in centavos."""
    return MoneyView(unit="BRL", amount=amount, symbol="R$", exponent=2, is_credit=False)


def credit(amount: int) -> MoneyView:
    """Give an amount of the community's currency, in hundredths."""
    return MoneyView(unit=identifier("agent", 0), amount=amount, symbol="E$", exponent=2, is_credit=True)


VILA = identifier("agent", 0)
SERRA = identifier("agent", 1)


def agent(
    number: int, name: str, kind: str = "enterprise", *, is_local: bool = True, is_mapped: bool = False
) -> AgentRef:
    """Name an agent."""
    return AgentRef(
        id=identifier("agent", number),
        name=name,
        type=kind,
        network_id=VILA if is_local else SERRA,
        network_name="Rede Vila Esperança" if is_local else "Rede da Serra",
        is_mapped=is_mapped,
    )


BAKERY = agent(2, "Padaria Comunitária Pão da Vila")
MILL = agent(3, "Moinho Cooperativo do Vale", is_local=False)
HONEY = agent(4, "Apiário Flor do Campo", is_local=False)
SCHOOL = agent(5, "Escola Municipal Paulo Freire", "public_body")
SEWING = agent(6, "Cooperativa de Costura Mãos Dadas")
CHURCH = agent(7, "Paróquia São José Operário", "group", is_mapped=True)
MARIA = agent(8, "Maria das Dores", "person")
COMMISSION = agent(9, "Comissão do Selo Vila Limpa", "commission")
SOAP = agent(10, "Sabão da Gente")

SEAL_VALID = SealRef(id=identifier("seal", 1), name="Produto da Vila", state="valid", until_ms=NOW_MS + 200 * DAY_MS)
SEAL_PENDING = SealRef(id=identifier("seal", 1), name="Produto da Vila", state="pending")
SEAL_REVOKED = SealRef(id=identifier("seal", 1), name="Produto da Vila", state="revoked")

FAIR = PlaceView(
    id=identifier("place", 1),
    name="Feira da Praça",
    type="fair",
    address="Praça da Matriz",
    hours="Sábados, 7h às 12h",
    city="Vila Esperança",
)
PICKUP = PlaceView(
    id=identifier("place", 2),
    name="Salão da Associação",
    type="pickup",
    address="Rua das Acácias, 120",
    hours="Quartas, 17h às 20h",
    city="Vila Esperança",
)


def listing(number: int, kind: str, title: str, category: str, author: AgentRef, **more: object) -> ListingView:
    """Make an offer or a need with whatever isn't said left plain."""
    plain = ListingView(
        id=identifier(kind, number),
        record=identifier("record", number),
        kind=kind,
        title=title,
        category=category,
        author=author,
        about=None,
        quantity=None,
        measure="KGM",
        price=None,
        city="Vila Esperança",
        distance_m=400,
        is_local=author.network_id == VILA,
        created_ms=NOW_MS - number * 7 * 3_600_000,
    )
    return replace(plain, **more)


NEED_BREAD = listing(
    1,
    "need",
    "Pão integral para a merenda",
    "bread",
    SCHOOL,
    about="Para 320 crianças, três manhãs por semana. Entrega até as 9h na cozinha.",
    quantity=48_000,
    price=PriceView(parts=[real(1400)], per=1000, measure="KGM"),
    firmness="recurring",
    until_ms=NOW_MS + 60 * DAY_MS,
    answered_by=[ThingRef(id=identifier("offer", 1), kind="offer", title="Pão integral de fermentação natural")],
)
OFFER_BREAD = listing(
    1,
    "offer",
    "Pão integral de fermentação natural",
    "bread",
    BAKERY,
    about="Assado na madrugada, com farinha do Moinho do Vale.\nCada pão tem 500 g.",
    quantity=120_000,
    price=PriceView(parts=[real(600), credit(400)], per=1000, measure="KGM"),
    seals=[SEAL_VALID],
    composition=[
        CompositionPart(part="inputs", amount=real(340), note="farinha, sal, lenha"),
        CompositionPart(part="transport", amount=real(60)),
        CompositionPart(part="network", amount=real(50)),
        CompositionPart(part="surplus", amount=real(150)),
        CompositionPart(part="work", amount=credit(400), note="duas padeiras, 3 h por fornada"),
    ],
    place=FAIR,
    answers=ThingRef(id=identifier("need", 1), kind="need", title="Pão integral para a merenda"),
    until_ms=NOW_MS + 30 * DAY_MS,
)
LISTINGS = [
    NEED_BREAD,
    listing(2, "need", "Mel em pote de 500 g", "honey", MARIA, quantity=12_000, measure="XJR", firmness="potential"),
    listing(
        3,
        "need",
        "Transporte de farinha, da Serra à Vila",
        "freight",
        BAKERY,
        quantity=2_000,
        measure="E54",
        firmness="firm",
        price=PriceView(parts=[real(9000), credit(6000)], per=1000, measure="E54"),
    ),
    listing(
        4, "need", "Sacos de papel para pão", "packaging", BAKERY, quantity=2_000_000, measure="C62", firmness="firm"
    ),
    OFFER_BREAD,
    listing(
        2,
        "offer",
        "Farinha de trigo branca, saca de 25 kg",
        "wheat-flour",
        MILL,
        price=PriceView(parts=[real(9850)], per=1000, measure="XSA"),
        quantity=40_000,
        measure="XSA",
        city="Serra Azul",
        distance_m=48_300,
        seals=[SEAL_PENDING],
    ),
    listing(
        3,
        "offer",
        "Mel silvestre",
        "honey",
        HONEY,
        price=PriceView(parts=[real(2800)], per=1000, measure="KGM"),
        city="Serra Azul",
        distance_m=12_400,
    ),
    listing(
        4,
        "offer",
        "Aventais e uniformes sob medida",
        "clothing",
        SEWING,
        price=PriceView(parts=[real(2500), credit(1500)], per=1000, measure="C62"),
        measure="C62",
    ),
    listing(
        5,
        "offer",
        "Sabão de óleo usado",
        "hygiene",
        SOAP,
        price=PriceView(parts=[credit(350)], per=500, measure="KGM"),
        seals=[SEAL_REVOKED],
    ),
    listing(6, "offer", "Conserto de bicicletas", "services", MARIA, measure="HUR"),
]
POST = PostView(
    id=identifier("post", 1),
    type="story",
    title="A padaria que começou num quintal",
    text="Éramos cinco vizinhas e um forno emprestado.\nHoje assamos para três escolas, e o forno é nosso.",
    author=BAKERY,
    created_ms=NOW_MS - 9 * DAY_MS,
    about=ThingRef(id=OFFER_BREAD.id, kind="offer", title=OFFER_BREAD.title),
)
NETWORK = NetworkView(
    id=VILA,
    name="Rede Vila Esperança",
    about="Vizinhas e vizinhos que produzem, trocam e consomem juntos, com preço explicado e moeda própria.",
    url="http://127.0.0.1:8801",
    city="Vila Esperança",
    state="RS",
    contact="contato@vila-esperanca.example",
    colour="#b8432b",
    language="pt-BR",
    unit=UnitView(unit=VILA, name="Esperança", symbol="E$", exponent=2),
    latitude_e6=-29_160_000,
    longitude_e6=-51_180_000,
    members=37,
    mapped=4,
    offers=6,
    needs=4,
    version="0.1.0",
)
NEIGHBOURS = [
    NeighbourView(
        network_id=SERRA,
        name="Rede da Serra",
        url="http://127.0.0.1:8802",
        relation="neighbour",
        state="connected",
        since_ms=NOW_MS - 3 * DAY_MS,
        city="Serra Azul",
        latitude_e6=-28_900_000,
        longitude_e6=-51_500_000,
        offers=41,
        needs=18,
    ),
    NeighbourView(
        network_id=identifier("agent", 12),
        name="Rede Regional do Vale",
        url="http://127.0.0.1:8803",
        relation="region",
        state="connected",
        since_ms=NOW_MS - 3_600_000,
        behind=12,
        city="Vale Verde",
        latitude_e6=-29_400_000,
        longitude_e6=-50_900_000,
        offers=90,
        needs=44,
    ),
    NeighbourView(
        network_id=identifier("agent", 13),
        name="Rede Litoral Sul",
        url="https://litoral.example",
        relation="neighbour",
        state="unreachable",
        since_ms=NOW_MS - 12 * DAY_MS,
        last_error="connection refused",
    ),
    NeighbourView(
        network_id=identifier("agent", 14),
        name="Rede do Planalto",
        url="https://planalto.example",
        relation="neighbour",
        state="refused",
        last_error="unknown network",
    ),
]
SEAL = SealView(
    id=SEAL_VALID.id,
    name="Produto da Vila",
    about="Feito por gente daqui, com trabalho coletivo e sem patrão.",
    criteria=[
        "Quem produz decide junto: uma pessoa, um voto.",
        "Pelo menos metade dos insumos vem da rede.",
        "O preço diz de que é feito.",
        "O lixo volta a ser matéria.",
    ],
    commission=COMMISSION,
    quorum=3,
    months=12,
    network_name="Rede Vila Esperança",
    subjects=[
        SealSubjectView(
            subject=ThingRef(id=OFFER_BREAD.id, kind="offer", title=OFFER_BREAD.title),
            owner=BAKERY,
            state="valid",
            visits=3,
            until_ms=NOW_MS + 200 * DAY_MS,
            attestations=[
                AttestationView(
                    id=identifier("attestation", number),
                    type=kind,
                    author=author,
                    created_ms=NOW_MS - (40 - number) * DAY_MS,
                    result="pass" if kind == "visit" else None,
                    note=note,
                    minutes="b1946ac92492d2347c6235b4d2611184" if kind == "award" else None,
                    conflict=number == 4,
                    counts=number != 4,
                )
                for number, kind, author, note in (
                    (1, "visit", MARIA, "Cozinha limpa, contas abertas na parede."),
                    (2, "visit", SEWING, None),
                    (3, "visit", SCHOOL, None),
                    (4, "visit", BAKERY, "Fui eu que fiz o pão."),
                    (5, "award", COMMISSION, None),
                )
            ],
        ),
        SealSubjectView(
            subject=ThingRef(id=MILL.id, kind="agent", title=MILL.name), owner=MILL, state="pending", visits=1
        ),
        SealSubjectView(
            subject=ThingRef(id=identifier("offer", 5), kind="offer", title="Sabão de óleo usado"),
            owner=SOAP,
            state="revoked",
            visits=3,
            revoked_by=COMMISSION,
            revoked_ms=NOW_MS - 2 * DAY_MS,
            attestations=[
                AttestationView(
                    id=identifier("attestation", 9),
                    type="revocation",
                    author=COMMISSION,
                    created_ms=NOW_MS - 2 * DAY_MS,
                    note="O óleo vinha de fora da região.",
                )
            ],
        ),
        SealSubjectView(
            subject=ThingRef(id=identifier("item", 5), kind="item", title="Vassoura de garrafa"),
            owner=None,
            state="expired",
            visits=3,
            until_ms=NOW_MS - 20 * DAY_MS,
        ),
    ],
)
AGENTS = [
    AgentView(
        ref=ref,
        about="Pães de fermentação natural, feitos por oito mulheres do bairro." if ref is BAKERY else None,
        city="Serra Azul" if ref.network_id == SERRA else "Vila Esperança",
        state="RS",
        contact="(54) 3232-1010" if ref is BAKERY else None,
        distance_m=48_300 if ref.network_id == SERRA else 400,
        roles=["member", "treasurer"] if ref is BAKERY else ["member"],
        member_since_ms=None if ref.is_mapped else NOW_MS - 300 * DAY_MS,
        seals=[SEAL_VALID] if ref is BAKERY else [],
        offers=[one for one in LISTINGS if one.author is ref and one.kind == "offer"],
        needs=[one for one in LISTINGS if one.author is ref and one.kind == "need"],
        posts=[POST] if ref is BAKERY else [],
    )
    for ref in (BAKERY, SEWING, SCHOOL, SOAP, MARIA, CHURCH, COMMISSION, HONEY, MILL)
]
