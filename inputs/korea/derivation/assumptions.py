"""Everything the Korea case assumes: parameters, readings of roles, links, mandates and rules.

No figure in here is published. Each is a round number chosen to be replaced; README.md says by whom.
"""

from typing import Final

from facts import read

KRW_BN_PER_USD_M: Final = 1.3
"""1,300 won per US dollar."""
COST_LEVEL: Final = 0.5
"""Korean cost of a project relative to the published US industry cost; no Korean cost per phase was found."""
APPROVAL_SHARE_OF_LAUNCH_COST: Final = 0.25
"""Part of the published cost from submission to launch that falls on the approval; the rest is manufacturing."""
APPROVAL_YEARS: Final = 1.0
"""Part of the published 1.5 years from submission to launch that falls on the approval."""

FULL_SALES_YEARS: Final = 10.0
"""Years of peak sales that a product's sales are worth at launch, discounting included."""
PROFIT_MARGIN: Final = 0.3
"""Worth to Korea of a won of sales: operating profit or licence income."""

SIHEUNG_EMPLOYEES: Final = 300.0
PRIVATE_SHARE: Final = 0.15
"""Part of the bio companies' yearly investment that could join publicly funded projects."""
MSS_BUDGET: Final = 60.0
"""The bio budget of the Ministry of SMEs and Startups was NOT FOUND: a placeholder."""

FUNDABLE_SHARE: Final = 0.5
"""Applications to the national programme that are worth a start, hence wait at the beginning."""
INFLOW_SHARE: Final = 0.5
"""New projects a year from outside the plan, per project waiting at the beginning."""
EXPANSION_PER_COST: Final = 2.0
"""Cost of one more start a year, per cost of a project."""
MIN_SIMILARITY: Final = 0.3
"""Cosines below this count as complementary work, not as the same."""
CLUSTER_CAP_SHARE: Final = 0.2
"""Most of the yearly budget that one cluster may take."""

STAGES: Final = read("""
stage         | name                               | name_ko        | decay | crowd_in | feedback
discovery     | Discovery                          | 후보물질 발굴  | 0.30  | 0        | 0
preclinical   | Preclinical                        | 비임상         | 0.25  |          | 0
phase1        | Clinical phase 1                   | 임상 1상       | 0.20  |          | 0.1
phase2        | Clinical phase 2                   | 임상 2상       | 0.15  |          | 0.2
phase3        | Clinical phase 3                   | 임상 3상       | 0.15  | 2        | 0.2
approval      | Approval                           | 허가           | 0.10  |          | 0
manufacturing | Manufacturing scale-up and launch  | 생산 및 출시   | 0.10  | 1        | 0
""")
"""Blank ``crowd_in``: derived from the published match of the national new-drug programme."""

FIELDS: Final = read("""
field          | name                       | name_ko         | value_factor | demand | share
small-molecule | Small-molecule drugs       | 합성의약품      | 1.0          | 2      | 0.40
biologics      | Antibodies and proteins    | 바이오의약품    | 1.1          | 2      | 0.30
cell-gene      | Cell and gene therapies    | 세포유전자치료제 | 1.0          | 0.75   | 0.15
vaccine        | Vaccines                   | 백신            | 0.9          | 0.75   | 0.15
device         | Medical devices            | 의료기기        | 0.2          | 4      |
""")
"""``value_factor``: value of a launch relative to the average drug; ``share``: part of drug projects and capacity."""

NATIONAL: Final = read("""
stage         | drug_capacity | drug_waiting | device_capacity | device_waiting
discovery     |               |              | 30              | 30
preclinical   |               |              | 16              | 10
phase1        |               |              | 10              | 5
phase2        |               |              |                 | 0
phase3        | 6             | 3            | 6               | 3
approval      | 6             | 2            | 6               | 2
manufacturing | 6             | 2            | 6               | 2
""").set_index("stage")
"""Starts a year and projects waiting, nationwide. Blank for drugs: derived; blank for devices: a pass-through."""

DEVICE: Final = read("""
stage         | cost_usd_m | success_rate | years
discovery     | 2          | 1            | 1
preclinical   |            |              | 2
phase1        |            |              | 1
phase2        | 0.2        | 1            | 0
phase3        |            |              | 2
approval      | 0.5        |              | 1
manufacturing | 8          | 1            | 0.5
""").set_index("stage")
"""Devices pass the stages of drugs so: concept, nonclinical, feasibility study, nothing (pass-through), pivotal
study, approval, manufacturing. Blank: published."""
FEASIBILITY_SHARE: Final = 0.25
"""Part of the published clinical cost of devices that falls on the feasibility study; the rest is the pivotal one."""

PROFILES: Final = read("""
cluster   | kind                         | anchor                | small-molecule | biologics | cell-gene | vaccine | device | discovery | preclinical | phase1 | phase2 | phase3 | approval | manufacturing
osong     | high-tech-medical-complex    | regulatory-agency     | 1 | 3 | 1 | 1 | 2 | 1 | 2 | 1 | 1 | 1 | 3 | 3
daegu     | high-tech-medical-complex    | support-foundation    | 3 | 1 | 0 | 0 | 3 | 1 | 3 | 1 | 1 | 1 | 1 | 1
songdo    | specialised-complex          | manufacturer          | 1 | 3 | 1 | 1 | 0 | 0 | 0 | 1 | 1 | 2 | 2 | 3
daedeok   | specialised-complex          | research-institute    | 2 | 3 | 2 | 1 | 1 | 3 | 2 | 1 | 0 | 0 | 0 | 0
hongneung | gangso-special-zone          | research-institute    | 2 | 1 | 1 | 0 | 2 | 3 | 1 | 1 | 1 | 1 | 0 | 0
pangyo    | techno-valley                | company-research      | 2 | 2 | 2 | 1 | 1 | 3 | 1 | 1 | 1 | 1 | 0 | 0
gwanggyo  | techno-valley                | university            | 2 | 1 | 0 | 0 | 0 | 2 | 1 | 1 | 0 | 0 | 0 | 0
wonju     | device-cluster               | manufacturer          | 0 | 0 | 0 | 0 | 3 | 1 | 2 | 2 | 2 | 2 | 2 | 3
hwasun    | specialised-complex          | university-hospital   | 0 | 1 | 2 | 3 | 0 | 1 | 3 | 2 | 2 | 2 | 1 | 2
andong    | specialised-complex          | manufacturer          | 0 | 1 | 0 | 3 | 0 | 0 | 1 | 1 | 1 | 1 | 1 | 3
pohang    | gangso-special-zone          | research-institute    | 2 | 2 | 1 | 1 | 0 | 3 | 1 | 0 | 0 | 0 | 0 | 0
chuncheon | gangso-special-zone          | university            | 1 | 2 | 0 | 1 | 2 | 2 | 2 | 1 | 1 | 1 | 1 | 2
jeongeup  | science-complex              | research-institute    | 1 | 2 | 0 | 1 | 0 | 1 | 3 | 0 | 0 | 0 | 0 | 0
jeju      | local-hub                    | support-foundation    | 2 | 1 | 0 | 0 | 0 | 1 | 1 | 0 | 0 | 0 | 0 | 0
gimhae    | gangso-special-zone          | university            | 1 | 0 | 0 | 0 | 3 | 1 | 2 | 1 | 1 | 1 | 1 | 2
busan     | local-hub                    | university-hospital   | 1 | 2 | 1 | 1 | 2 | 1 | 1 | 2 | 2 | 2 | 1 | 0
ulsan     | regulation-free-zone         | university-hospital   | 0 | 1 | 1 | 0 | 2 | 2 | 1 | 1 | 1 | 1 | 0 | 0
magok     | industrial-complex           | company-research      | 2 | 3 | 1 | 0 | 0 | 2 | 1 | 1 | 2 | 2 | 1 | 0
siheung   | specialised-complex          | university-hospital   | 1 | 2 | 1 | 0 | 0 | 1 | 1 | 2 | 2 | 2 | 1 | 2
munjeong  | venture-cluster              | company-research      | 2 | 1 | 1 | 0 | 1 | 2 | 2 | 1 | 1 | 0 | 0 | 0
iksan     | local-hub                    | support-foundation    | 1 | 0 | 0 | 1 | 0 | 1 | 2 | 0 | 0 | 0 | 0 | 0
""").set_index("cluster")  # noqa: E501  (one row per cluster)
"""How strong a cluster is in a field and at a stage: 0 absent, 1 present, 2 strong, 3 leading.

A reading of the official specialisation and of the value-chain role in the cited sources, not an official score.
A cluster hosts a site wherever both levels are above 0.
"""

KINDS_KO: Final = {
    "high-tech-medical-complex": "첨단의료복합단지",
    "specialised-complex": "특화단지",
    "gangso-special-zone": "강소연구개발특구",
    "device-cluster": "의료기기 클러스터",
    "regulation-free-zone": "규제자유특구",
    "industrial-complex": "산업단지",
    "science-complex": "과학산업단지",
    "techno-valley": "테크노밸리",
    "venture-cluster": "벤처 클러스터",
    "local-hub": "지역 거점",
}
"""What designations and characters are called in Korean."""
ANCHORS_KO: Final = {
    "regulatory-agency": "규제기관",
    "support-foundation": "지원재단",
    "research-institute": "연구기관",
    "university": "대학",
    "university-hospital": "대학병원",
    "company-research": "기업 연구소",
    "manufacturer": "제조기업",
}
"""What leading institutions are called in Korean."""

WEAK_CHAINS: Final = {"gwanggyo": 0.8, "pohang": 0.8, "jeju": 0.7, "iksan": 0.8, "ulsan": 0.85, "munjeong": 0.85}
"""Share of projects that stay when passed on inside a cluster whose chain is short or thin; elsewhere 0.95."""
STRONG_CHAIN: Final = 0.95

PROGRAMMES: Final = read("""
origin    | destination | stage       | capacity
daedeok   | osong       | discovery   | 2
pohang    | daegu       | discovery   | 1.5
pohang    | hwasun      | discovery   | 1
hongneung | osong       | discovery   | 1.5
pangyo    | osong       | discovery   | 1.5
gwanggyo  | munjeong    | discovery   | 1
ulsan     | daegu       | discovery   | 1
jeju      | jeongeup    | discovery   | 0.5
daedeok   | jeongeup    | discovery   | 1
daedeok   | hongneung   | preclinical | 1.5
daegu     | busan       | preclinical | 2
jeju      | busan       | preclinical | 0.5
jeongeup  | hwasun      | preclinical | 1.5
jeongeup  | busan       | preclinical | 1
munjeong  | siheung     | preclinical | 1
iksan     | busan       | preclinical | 0.5
pohang    | busan       | preclinical | 0.5
gimhae    | busan       | preclinical | 1
daedeok   | magok       | phase1      | 1
daedeok   | busan       | phase1      | 1
gwanggyo  | magok       | phase1      | 0.5
munjeong  | pangyo      | phase2      | 0.5
hongneung | osong       | phase3      | 0.5
pangyo    | osong       | phase3      | 0.5
busan     | osong       | phase3      | 0.5
ulsan     | busan       | phase3      | 0.5
busan     | songdo      | approval    | 0.5
magok     | songdo      | approval    | 0.5
busan     | gimhae      | approval    | 0.5
hwasun    | andong      | approval    | 0.5
""")
"""Linkage programmes: projects a year after the stage named. Which exist, and how large, is assumed."""
RETENTION_NEAR: Final = 0.95
RETENTION_LOST_PER_KM: Final = 0.0006
TRANSFER_COST_BASE: Final = 0.5
TRANSFER_COST_PER_KM: Final = 0.002
LINK_EXPANSION_COST: Final = 1.0

CHEMICAL_AND_BIOLOGICAL: Final = "small-molecule,biologics,cell-gene,vaccine"
SCENARIOS: Final = read(f"""
scenario      | name_ko | probability | table  | where | column | operation | value
as-planned    | 계획대로 | 0.4 | budget | | amount | multiply | 1
lean-budget   | 긴축 예산 | 0.2 | budget | year=2028,2029,2030,2031,2032,2033,2034,2035 | amount | multiply | 0.8
weak-success  | 낮은 성공률 | 0.2 | stages | stage=phase2,phase3 | success_rate | multiply | 0.85
weak-success  | | 0.2 | niches | stage=phase2,phase3; field={CHEMICAL_AND_BIOLOGICAL} | success_rate | multiply | 0.85
strong-demand | 수요 확대 | 0.1 | fields | | value | multiply | 1.2
strong-demand | 수요 확대 | 0.1 | fields | | demand | multiply | 1.5
costly-trials | 임상 비용 상승 | 0.1 | stages | stage=phase1,phase2,phase3 | cost | multiply | 1.25
costly-trials | 임상 비용 상승 | 0.1 | niches | stage=phase1,phase2,phase3 | cost | multiply | 1.25
""").assign(where=lambda table: table["where"].str.replace(",", "|"))
"""Five futures told as stories; alternatives within a filter stand between commas here."""

MANDATES: Final = read("""
funder | cluster   | stage         | field
msit   |           | discovery     |
msit   |           | preclinical   |
msit   | hongneung | link          |
msit   | osong     | link          |
mohw   |           | discovery     | cell-gene
mohw   |           | discovery     | vaccine
mohw   |           | preclinical   |
mohw   |           | phase1        |
mohw   |           | phase2        |
mohw   |           | phase3        |
mohw   | busan     | link          |
mohw   | hwasun    | link          |
mohw   | siheung   | link          |
motie  |           |               | device
motie  |           | phase3        | biologics
motie  |           | phase3        | vaccine
motie  |           | manufacturing |
motie  |           | link          |
mss    | hongneung | discovery     |
mss    | pangyo    | discovery     |
mss    | munjeong  | preclinical   |
mss    | pangyo    | phase1        |
mss    | hongneung | phase1        |
mss    | wonju     | phase3        | device
mss    | gimhae    | phase3        | device
mss    |           | manufacturing | device
mss    | chuncheon | manufacturing |
mss    | siheung   | manufacturing |
mss    |           | link          |
mfds   |           | approval      |
mfds   | osong     | preclinical   |
mfds   | jeongeup  | preclinical   |
mfds   | hwasun    | preclinical   |
mfds   | osong     | phase1        |
""")

CLINICAL: Final = ("phase1", "phase2", "phase3")
RULES: Final = (
    {
        "rule": "non-capital floor",
        "name_ko": "비수도권 최소 배분",
        "where": "capital=no",
        "sense": "at_least",
        "kind": "share",
        "value": 0.6,
        "per": "year",
        "note": "At least 60 % of each year's public money goes outside the capital region.",
        "note_ko": "매년 공공자금의 60% 이상을 수도권 밖에 배분한다.",
    },
    {
        "rule": "hospital-anchored trials",
        "name_ko": "병원 거점 임상시험",
        "where": "anchor=university-hospital; stage=" + "|".join(CLINICAL),
        "sense": "at_least",
        "kind": "share",
        "value": 0.3,
        "of": "stage=" + "|".join(CLINICAL),
        "per": "year",
        "note": "At least 30 % of clinical money goes to clusters built around a university hospital.",
        "note_ko": "임상 자금의 30% 이상을 대학병원 중심 클러스터에 배분한다.",
    },
    {
        "rule": "small dense zones",
        "name_ko": "강소연구개발특구",
        "where": "kind=gangso-special-zone",
        "sense": "at_least",
        "kind": "share",
        "value": 0.12,
        "per": "year",
        "note": "The small but strong (gangso) zones together get at least 12 % a year.",
        "note_ko": "강소연구개발특구 전체에 매년 12% 이상을 배분한다.",
    },
    {
        "rule": "cluster cap",
        "name_ko": "클러스터별 상한",
        "sense": "at_most",
        "kind": "amount",
        "per": "cluster|year",
        "note": "No cluster takes more than a fifth of the five funders' yearly budget.",
        "note_ko": "한 클러스터가 다섯 부처 연간 예산의 5분의 1을 넘겨 받을 수 없다.",
    },
    {
        "rule": "approval and launch",
        "name_ko": "허가·출시 최소 배분",
        "where": "stage=approval|manufacturing",
        "sense": "at_least",
        "kind": "share",
        "value": 0.03,
        "note": "At least 3 % over the horizon goes to approval and launch.",
        "note_ko": "계획기간 전체로 3% 이상을 허가와 출시에 배분한다.",
    },
    {
        "rule": "vaccine readiness",
        "name_ko": "백신 대비 태세",
        "where": "field=vaccine",
        "sense": "at_least",
        "kind": "share",
        "value": 0.1,
        "per": "year",
        "price": 0.5,
        "note": "A tenth of each year for vaccines; soft: each won short costs half a won.",
        "note_ko": "매년 10분의 1을 백신에 배분한다. 권고 규칙: 1원이 모자랄 때마다 0.5원의 위반 비용을 계산한다.",
    },
    {
        "rule": "capital ceiling",
        "name_ko": "수도권 상한",
        "enabled": "false",
        "where": "capital=yes",
        "sense": "at_most",
        "kind": "share",
        "value": 0.3,
        "per": "year",
        "note": "Example, switched off: a harder line on the capital region.",
        "note_ko": "예시(적용 안 함): 수도권 배분을 더 엄격하게 제한한다.",
    },
)
"""Rules of the plan. The value of the cluster cap follows from ``CLUSTER_CAP_SHARE``."""
