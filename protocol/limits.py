"""All bounds, each with its reason.

Every input has a bound and every bound has its place here, under the heading of its subject.
"""

from __future__ import annotations

# Codec

DEPTH_MAX = 16
"""Nesting of arrays and maps in one value; our deepest body needs 6."""

# Records

RECORD_BYTES_MAX = 16 * 1024
"""One encoded record; photos travel by hash."""

KIND_CHARS_MAX = 32
"""Characters of a record's kind."""

TO_MAX = 4
"""Networks that a record may be addressed to: two homes, their common region, and one to spare."""

SALT_BYTES = 16
"""Salt of a part: enough that the hash of a short text can't be guessed."""

RECORDS_PER_SUBMIT_MAX = 100
"""Records in one submission to a home."""

CLOCK_SKEW_MS_MAX = 24 * 3600 * 1000
"""How far a record's time may be from the home's clock when it is submitted."""

REVISIONS_MAX = 1000
"""Records of one thing that its home takes; judging one more reads them all. Then a new thing is begun."""

AGENT_RECORDS_MAX = 30
"""`agent` records of one agent that its home takes: two such chains and an `epoch` fit in a bundle."""

AGENT_RECORDS_BYTES_MAX = 80 * 1024
"""All these together, for the same reason; one that lists three devices has 500 bytes."""

# Sealed parts

RECIPIENTS_MAX = 16
"""Sealing keys that one sealed part is readable by."""

# Checkpoints

NOTE_BYTES_MAX = 8 * 1024
"""A signed note with its cosignatures."""

NOTE_SIGNATURES_MAX = 16
"""Signature lines of a note."""

# Ledger

HOLD_MS_MAX = 366 * 24 * 3600 * 1000
"""How long credit may be set aside for: a season and its accounts; it counts against limits all the time."""

# Logins and sessions

LOGIN_BYTES_MAX = 1024
"""A login document: six short fields."""

LOGIN_NONCE_BYTES = 16
"""Nonce of a login document: no two are alike."""

LOGIN_ORIGIN_CHARS_MAX = 300
"""The address of a node: scheme, a host name of at most 253 characters, port."""

LOGIN_LIFE_MS_MAX = 10 * 60 * 1000
"""How far ahead a login document may expire: slow phones sign in seconds, and used nonces are kept that long."""

SESSION_LIFE_MS = 12 * 3600 * 1000
"""How long a session lasts: a working day, so that a shared device forgets by itself."""

SESSIONS_MAX = 10_000
"""Open sessions that a node keeps."""

SESSIONS_PER_AGENT_MAX = 20
"""Open sessions of one agent; the oldest ends when one more begins."""

# HTTP interface

SUBMIT_BODY_BYTES_MAX = RECORDS_PER_SUBMIT_MAX * (RECORD_BYTES_MAX * 4 // 3 + 8) + 64
"""A full submission written as base64 in JSON, the longer of its two forms."""

PAGE_ROWS_MAX = 100
"""Rows of one page of a list."""

ENTRIES_PER_PAGE_MAX = 500
"""Leaves of one page of a feed."""

ENTRIES_BYTES_MAX = 1024 * 1024
"""Bytes of leaves and records in one page of a feed."""

SEARCH_CHARS_MAX = 200
"""Characters of a search: a sentence."""

# Search

SEARCH_TERMS_MAX = 6
"""Words of a search that are looked for; further ones are left out, since each costs a look-up a candidate."""

SEARCH_CANDIDATES_MAX = 20_000
"""Candidates that one page of a search looks at before it answers with what it found and a cursor to go on."""

TERMS_PER_THING_MAX = 48
"""Words by which one thing is found."""

TERM_CHARS_MAX = 50
"""Characters of one of them, longer ones are cut; the longest id of a category fits."""

# Kinds

LINE_CHARS_MAX = 120
"""A name or title: two lines on a phone."""

NOTE_CHARS_MAX = 2000
"""What something is, in a few sentences."""

TEXT_CHARS_MAX = 8000
"""A story or guide of three printed pages; the record's own bound holds beside it."""

CATEGORY_CHARS_MAX = 48
"""A category's id."""

CATEGORIES_PER_AGENT_MAX = 20
"""Categories that a profile names."""

AMOUNT_MAX = 10**15
"""Minor units in one amount: ten trillion with two decimals, and a hundred of them still add up exactly."""

QUANTITY_MAX = 10**12
"""Thousandths of a measure in one quantity: a billion kilos."""

PRICE_PARTS_MAX = 4
"""Units in one price: official money, two community credits, and one to spare."""

COMPOSITION_LINES_MAX = 24
"""Lines of a price's composition."""

PACKS_MAX = 12
"""Sacks, boxes and bunches that an item defines."""

ROWS_MAX = 60
"""Rows of an order; with their titles they fit in a record."""

INSTALMENTS_MAX = 120
"""Parts of one request: ten years of months."""

DEVICE_KEYS_MAX = 16
"""Devices of one agent, or officers' keys of a network."""

WITNESSES_MAX = 16
"""Witnesses of an epoch."""

ROLES_MAX = 8
"""Roles of one member."""

CRITERIA_MAX = 40
"""Criteria of a seal."""

VISITS_MAX = 30
"""Visits that an award rests on, and a seal's largest quorum."""

VALIDITY_MONTHS_MAX = 60
"""How long an award of a seal may hold."""

LIMIT_ROWS_MAX = 40
"""Rows of a rule about limits: every type of agent with four steps."""

POSTING_LINES_MAX = 300
"""Lines of a posting: as many as fit in a record where each names one member and an amount."""

BODIES_READ_MAX = 1024
"""Checked bodies that are remembered from one question about a record to the next; at worst 16 MB."""

# Gossip

FRAME_BYTES_MAX = 256 * 1024
"""One WebSocket frame: large enough that its overhead is nothing, small enough to verify in tens of milliseconds."""

FRAME_BYTES_MIN = 64 * 1024
"""The smallest frame bound that a peer may ask for: a record, its proof and its head always fit."""

BATCH_RECORDS_MAX = 1024
"""Entries of one BATCH."""

BATCH_BYTES_MAX = FRAME_BYTES_MAX - 16 * 1024
"""Records and leaves of one BATCH; the rest of the frame is left for head and proof."""

PROOF_HASHES_MAX = 128
"""Hashes of one proof; a tree of 2⁵³ leaves needs fewer than 110."""

GETS_IN_FLIGHT_MAX = 4
"""GETs of one peer that are asked and not yet ingested (or, at the answering side, not yet answered)."""

HEADS_MAX = 4096
"""Feeds in one HEADS message."""

HEADS_PER_LINK_MAX = 65536
"""Feeds of which one link remembers what the peer holds."""

NOTICES_PER_LINK_MAX = 64
"""Feeds of which one link says that the peer's word contradicts what is here; one is enough to look into it."""

FOLLOW_SCOPES_MAX = 4096
"""Scopes in one FOLLOW."""

HOST_CHARS_MAX = 261
"""A host name of 255 characters, a colon and a port."""

IDENTITIES_REMEMBERED_MAX = 4096
"""Checked pairs of agent and epoch record; checking one takes a millisecond, and peers come back. At worst 8 MB."""

BYE_CHARS_MAX = 512
"""Characters of the sentence in a BYE."""

DELIVERIES_IN_FLIGHT_MAX = 16
"""Bundles sent on one link and not yet acknowledged."""

DELIVERIES_PENDING_MAX = 4096
"""Bundles that one link remembers; the rest is asked for again when these are acknowledged."""

DELIVERED_MAX = 1024
"""Record ids in one DELIVERED."""

BUNDLE_BYTES_MAX = 240 * 1024
"""One bundle: a record, its author's agent records, the home's agent and epoch, proof and head."""

BUNDLE_RECORDS_MAX = 64
"""`agent` and `epoch` records in one bundle: the chains of the home and of the author."""

HANDSHAKE_TIMEOUT_MS = 10_000
"""From the opening of a link to the other's AUTH."""

LIVE_INTERVAL_MS = 250
"""Heads and live batches leave at most this often on one link: a few times a second."""

LIVE_UNCONFIRMED_MAX = 4
"""Live batches of a feed that may be under way; a follower that lags behind these fetches at its own pace."""

PING_INTERVAL_MS = 15_000
"""An idle link is asked whether it still lives, and whether all that was told has arrived."""

IDLE_TIMEOUT_MS = 45_000
"""A link on which nothing arrived for so long is closed: three PINGs without an answer."""

GET_TIMEOUT_MS = 30_000
"""A GET that was not answered for so long is given up; another link may fetch the range."""

TAKEOVER_MS = 1000
"""A GET of few leaves that was not answered for so long may be asked on another link too: three times a slow round."""

TAKEOVER_LEAVES_MAX = 16
"""Leaves that may be asked for twice so soon: some kilobytes, where a long range may merely be slow to come."""

DELIVER_TIMEOUT_MS = 30_000
"""A bundle that was not acknowledged for so long is sent again."""

OUTBOUND_ROOM_BYTES = 512 * 1024
"""While more waits to be sent on a link, no range or bundle is loaded for it: two frames keep the socket busy."""

OUTBOUND_BYTES_MAX = 2 * 1024 * 1024
"""A link on which so much waits to be sent ends: the peer doesn't read. The small messages of minutes fit."""

LINKS_MAX = 512
"""Connections that a node accepts at once."""

# Peers

PEERS_MAX = 10_000
"""Entries in a node's list of peers; a national node has some thousands."""

URL_CHARS_MAX = 300
"""A peer's address: a host name of 255 characters and what stands before and behind it."""

# Cash and years

DENOMINATIONS_MAX = 30
"""Kinds of notes and coins in one count; no currency has as many."""

PIECES_MAX = 10**6
"""Notes or coins of one value in one count: more than fit in a box."""

AUDITORS_MAX = 8
"""Auditors who sign the closing of a period; assemblies elect three or five."""
