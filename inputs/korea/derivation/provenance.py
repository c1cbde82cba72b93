# ruff: noqa: E501  (the sentences of the table stay whole)
"""Where every figure of the case comes from: the rows of ``sources.csv``.

published   the figure itself stands in the publication
derived     follows from published figures by the formula given; what the formula takes for granted besides is said
            after the word "assuming", in Korean after "가정:"
assumed     no published figure decides it; the reason is given
"""

from typing import Final

import assumptions as a
import facts
import pandas as pd
from provenance_chain import CHAIN, Row

DRUGS: Final = "field=small-molecule|biologics|cell-gene|vaccine"
KDDF_STAGES: Final = "stage=discovery|preclinical|phase1|phase2"
LATE_STAGES: Final = "stage=phase3|approval|manufacturing"
SCALE_TERMS: Final = "scaled to all government new-drug R&D (598.5 of 2023 over a tenth of the programme's 1474.7)"
SCALE_TERMS_KO: Final = "정부 신약 R&D 전체로 확대(2023년 598.5 / 사업비 1474.7의 10분의 1)"
PROFILES: Final = "stage and field levels 0 to 3 read from the sources by us"
PROFILES_KO: Final = "단계·분야 수준 0~3(출처를 읽고 자체 판단)"
SHARES: Final = " / ".join(f"{share:g}" for share in a.FIELDS["share"].dropna())
FIELD_SHARES: Final = f"drug field shares {SHARES}"
FIELD_SHARES_KO: Final = f"의약품 분야별 비중 {SHARES}"


SETTINGS: Final = [
    Row(
        "case",
        "",
        "case.first_year",
        "published",
        "first year with a budget published but not yet spent",
        "예산이 공표되었으나 아직 집행되지 않은 첫해",
        ("budget 2026",),
    ),
    Row("case", "", "case.last_year", "assumed", "ten years", "10년"),
    Row(
        "case",
        "",
        "case.discount_rate",
        "assumed",
        "social discount rate of Korean preliminary feasibility studies; no source at hand",
        "예비타당성조사의 사회적 할인율. 확보한 출처 없음",
    ),
    Row("case", "", "value.saturation", "assumed", "round number", "어림수"),
    Row(
        "case",
        "",
        "value.terminal_weight",
        "assumed",
        "round number: caution about what lies after the horizon",
        "어림수. 계획기간 이후의 일을 보수적으로 반영",
    ),
    Row("case", "", "funding.carry_over", "assumed", "round number", "어림수"),
    Row("case", "", "funding.reinvestment", "assumed", "round number", "어림수"),
    Row(
        "case",
        "",
        "overlap.between_clusters",
        "assumed",
        "round number; published criticism of duplication gives no price of it",
        "어림수. 중복 투자를 지적한 공표 자료에는 중복의 비용이 제시되지 않음",
    ),
    Row("case", "", "overlap.between_funders", "assumed", "round number", "어림수"),
    Row(
        "case",
        "",
        "specialization.quotient",
        "assumed",
        "usual threshold of location quotients",
        "입지계수의 통상적인 기준값",
    ),
    Row("case", "", "specialization.min_share", "assumed", "moderate: half", "중간 수준인 절반"),
    Row(
        "case",
        "",
        "diminishing_returns.tranches",
        "assumed",
        "the last 40 % of a site's capacity cost 30 % more",
        "거점 수용 능력의 마지막 40%는 비용이 30% 더 듦",
    ),
]

CLUSTERS: Final = [
    Row(
        "clusters",
        "",
        "latitude",
        "published",
        "city-level coordinate, general geography; not from one publication",
        "도시 단위 좌표(일반 지리 정보). 특정 발간물에서 옮긴 것이 아님",
    ),
    Row(
        "clusters",
        "",
        "longitude",
        "published",
        "city-level coordinate, general geography; not from one publication",
        "도시 단위 좌표(일반 지리 정보). 특정 발간물에서 옮긴 것이 아님",
    ),
    Row("clusters", "", "capital", "published", "whether in Seoul, Incheon or Gyeonggi", "서울·인천·경기 소재 여부"),
    Row(
        "clusters",
        "",
        "kind",
        "derived",
        "main designation or character; assuming one per cluster",
        "주된 지정 유형 또는 성격. 가정: 클러스터마다 하나",
    ),
    Row(
        "clusters",
        "",
        "anchor",
        "derived",
        "leading institution named in the sources; assuming one per cluster",
        "출처에 나온 중심 기관. 가정: 클러스터마다 하나",
    ),
    Row(
        "clusters",
        "",
        "private_cap",
        "derived",
        f"company investment 2022 (4125.5) x {a.PRIVATE_SHARE:g} x the cluster's share of bio staff; assuming that part of "
        "the investment can join public projects and follows staff; staff figures in part of grade C",
        f"2022년 기업 투자액(4125.5) × {a.PRIVATE_SHARE:g} × 클러스터의 바이오 종사자 비중. 가정: 투자액 중 이 비율이 공공 과제에 "
        "참여할 수 있고 종사자 수에 비례함. 종사자 수치 일부는 C등급",
        ("bio industry survey 2022",),
    ),
]

SITES: Final = [
    Row(
        "sites",
        f"{KDDF_STAGES}; {DRUGS}",
        "capacity",
        "derived",
        f"projects selected 2024 {SCALE_TERMS}; assuming {FIELD_SHARES} and, over sites, {PROFILES} and the root of bio staff",
        f"2024년 선정 과제 수를 {SCALE_TERMS_KO}. 가정: {FIELD_SHARES_KO}, 거점 사이에는 {PROFILES_KO} 및 바이오 종사자 수의 "
        "제곱근에 따름",
        ("kddf 2024", "new drug 2023", "kddf programme"),
    ),
    Row(
        "sites",
        f"{LATE_STAGES}; {DRUGS}",
        "capacity",
        "assumed",
        f"6 drug starts a year nationwide; {FIELD_SHARES}; {PROFILES}",
        f"전국 의약품 착수 연 6건. {FIELD_SHARES_KO}. {PROFILES_KO}",
    ),
    Row(
        "sites",
        "field=device",
        "capacity",
        "assumed",
        f"30, 16, 10, 6, 6, 6 starts a year nationwide; {PROFILES}",
        f"전국 착수 연 30, 16, 10, 6, 6, 6건. {PROFILES_KO}",
    ),
    Row(
        "sites",
        f"{KDDF_STAGES}; {DRUGS}",
        "backlog",
        "derived",
        f"applications 2024 (242, 67, 43, 17); assuming {a.FUNDABLE_SHARE:g} of them fundable, {FIELD_SHARES}, {PROFILES}",
        f"2024년 신청 과제 수(242, 67, 43, 17). 가정: 지원할 만한 비율 {a.FUNDABLE_SHARE:g}, {FIELD_SHARES_KO}, {PROFILES_KO}",
        ("kddf 2024",),
    ),
    Row(
        "sites",
        f"{LATE_STAGES}; {DRUGS}",
        "backlog",
        "assumed",
        f"3, 2, 2 drug projects nationwide; {FIELD_SHARES}; {PROFILES}",
        f"전국 의약품 과제 3, 2, 2건. {FIELD_SHARES_KO}. {PROFILES_KO}",
    ),
    Row(
        "sites",
        "field=device",
        "backlog",
        "assumed",
        f"30, 10, 5, 3, 2, 2 projects nationwide; {PROFILES}",
        f"전국 과제 30, 10, 5, 3, 2, 2건. {PROFILES_KO}",
    ),
    Row(
        "sites",
        "",
        "inflow",
        "assumed",
        f"backlog x {a.INFLOW_SHARE:g} a year up to phase 3: private and earlier projects coming up",
        f"임상 3상까지 해마다 대기 과제 × {a.INFLOW_SHARE:g}. 민간 과제와 앞 단계 과제의 유입",
    ),
    Row(
        "sites",
        "",
        "cost_factor",
        "assumed",
        "1.05 in the capital region, else 0.95, less 3 % per level of strength",
        "수도권 1.05, 그 밖 0.95. 강점 수준이 한 단계 높을 때마다 3% 낮춤",
    ),
    Row(
        "sites",
        "",
        "success_factor",
        "assumed",
        "4 % per level at the stage, 3 % per level in the field, 3 % for trials at hospital clusters",
        "단계 수준마다 4%, 분야 수준마다 3%, 병원 클러스터의 임상은 3%",
    ),
    Row(
        "sites",
        "",
        "expansion_cost",
        "assumed",
        f"{a.EXPANSION_PER_COST:g} x cost of a project at the site",
        f"{a.EXPANSION_PER_COST:g} × 거점의 과제 비용",
    ),
    Row("sites", "", "expansion_limit", "assumed", "capacity may double", "수용 능력을 두 배까지 늘릴 수 있음"),
]

LINKS_AND_RULES: Final = [
    Row(
        "links",
        "",
        "retention",
        "assumed",
        "inside 0.95, less where the chain is thin; between 0.95 - 0.0006 per km of great circle",
        "클러스터 내부 0.95, 가치사슬이 얇은 곳은 더 낮음. 클러스터 사이 0.95 - 대권거리 km당 0.0006",
    ),
    Row(
        "links",
        "",
        "capacity",
        "assumed",
        "no published programme figures at hand",
        "확보한 연계 사업의 공표 수치 없음",
    ),
    Row("links", "", "transfer_cost", "assumed", "0.5 + 0.002 per km", "0.5 + km당 0.002"),
    Row("links", "", "expansion_cost", "assumed", "round number", "어림수"),
    Row(
        "links",
        "",
        "expansion_limit",
        "assumed",
        "twice the capacity may be added",
        "수용 능력의 두 배까지 더할 수 있음",
    ),
    Row(
        "mandates",
        "",
        "stage",
        "assumed",
        "a reading of what the ministries do, not of their statutes",
        "법령이 아니라 각 부처가 실제 하는 일을 해석한 것",
    ),
    Row(
        "similarity",
        "",
        "similarity",
        "derived",
        f"cosine of activity over niches, below {a.MIN_SIMILARITY:g} left out; assuming {PROFILES}; staff figures in part of grade C",
        f"세부영역별 활동의 코사인 유사도, {a.MIN_SIMILARITY:g} 미만은 제외. 가정: {PROFILES_KO}. 종사자 수치 일부는 C등급",
    ),
    Row(
        "rules",
        "",
        "value",
        "assumed",
        "examples of planning rules, not existing ones",
        "계획 규칙의 예시이며 현행 규정이 아님",
    ),
    Row("rules", "", "price", "assumed", "half a won per won short", "부족액의 절반"),
    Row(
        "scenarios",
        "",
        "",
        "assumed",
        "stories of what may come true, to try plans on; no forecast, no published odds",
        "계획을 시험하기 위해 상정한 미래. 예측이 아니며 공표된 확률도 없음",
    ),
]

MONEY: Final = [
    Row(
        "budget",
        "funder=mss",
        "amount",
        "assumed",
        "PLACEHOLDER: the bio budget of the Ministry of SMEs and Startups was NOT FOUND",
        "임시값. 중소벤처기업부의 바이오 예산을 찾지 못함",
    ),
    Row(
        "baseline",
        "",
        "amount",
        "derived",
        "funders by budget; stages by government new-drug R&D 2021 (160.5, 76.4, 80.4; infrastructure 150.1 and other 43.4 removed), approval and manufacturing by the national programme's commercialisation support (141.6 of 1474.7); sites by activity x project cost; assuming the same every year, the mandates and the levels",
        "부처별로는 예산에 따름. 단계별로는 2021년 정부 신약 R&D(160.5, 76.4, 80.4. 인프라 150.1과 기타 43.4는 제외)에, 허가와 생산은 국가신약개발사업의 사업화 지원(1474.7 중 141.6)에 따름. 거점별로는 활동 × 과제 비용에 따름. 가정: 해마다 같음, 소관 범위, 수준",
        ("new drug 2021", "kddf programme"),
    ),
]


def designations() -> list[Row]:
    """One row per cluster with a designation year."""
    known = facts.CLUSTERS.dropna(subset=["designated"])
    return [
        Row(
            "clusters",
            f"cluster={row.cluster}",
            "designated",
            "published",
            f"year of the designation as {kind}",
            f"{a.KINDS_KO[kind]} 지정 연도",
            (row.source,),
        )
        for row, kind in zip(known.itertuples(), a.PROFILES.loc[known["cluster"], "kind"], strict=True)
    ]


def activities() -> list[Row]:
    """One row per cluster: its published size, grade and the way to bio staff."""
    formulas = {
        "employees": "as staff",
        "output": "KRW bn, / national output per employee 2022 (23465.7 / 61152)",
        "firms": "firms x median staff per firm of seven clusters",
        "half_firms": "firms, half of them, x median staff per firm of seven clusters",
        "all_employees": "staff x 14.4 %, the share of BT firms in Pangyo",
    }
    formulas_ko = {
        "employees": "종사자 수로 사용",
        "output": "십억원 / 2022년 전국 종사자당 생산액(23465.7 / 61152)",
        "firms": "기업 수 × 7개 클러스터의 기업당 종사자 수 중앙값",
        "half_firms": "기업 수의 절반 × 7개 클러스터의 기업당 종사자 수 중앙값",
        "all_employees": "종사자 수 × 판교의 BT 기업 비중 14.4%",
    }
    rows = []
    for size in facts.SIZES.itertuples():
        where = f"cluster={size.cluster}"
        if size.measure == "not_found":
            text = f"NOT FOUND; {a.SIHEUNG_EMPLOYEES:g} staff as a placeholder, spread by {PROFILES}"
            korean = f"찾지 못함. 임시값 {a.SIHEUNG_EMPLOYEES:g}명을 {PROFILES_KO}에 따라 배분"
            rows.append(Row("sites", where, "activity", "assumed", text, korean))
            continue
        text = (
            f"{size.figure} ({size.year}, {size.scope}, grade {size.grade}), {formulas[size.measure]}, over niches by level "
            f"products; assuming {PROFILES}"
        )
        korean = (
            f"{size.figure}({size.year}년, {size.scope_ko}, {size.grade}등급). {formulas_ko[size.measure]}. 세부영역에는 수준의 "
            f"곱에 따라 배분. 가정: {PROFILES_KO}"
        )
        rows.append(Row("sites", where, "activity", "derived", text, korean, (size.source,)))
    return rows


def budgets(years: range) -> list[Row]:
    """Rows per funder: the published budgets before and in the first year, and the years carried forward."""
    part = "x 598.5 / 1469.0 (new-drug R&D over the five ministries' health R&D, 2023); assuming that part is value-chain money"
    part_ko = "× 598.5 / 1469.0(2023년 5개 부처 보건의료 R&D 대비 신약 R&D). 가정: 그 비율만큼이 가치사슬에 쓰임"
    rows = []
    for funder, amounts in facts.HEALTH_RND.iterrows():
        for year in (years[0] - 1, years[0]):
            where, keys = f"funder={funder}; year={year}", (f"budget {year}", "health rnd 2023", "new drug 2023")
            amount = amounts[f"y{year}"]
            texts = f"published {amount} {part}", f"공표된 {amount} {part_ko}"
            rows.append(Row("budget", where, "amount", "derived", *texts, keys))
        later = "|".join(str(year) for year in years[1:])
        rows.append(
            Row(
                "budget",
                f"funder={funder}; year={later}",
                "amount",
                "assumed",
                "2026 carried forward unchanged",
                "2026년 금액을 그대로 이어 감",
            )
        )
    return rows


def sources(years: range) -> pd.DataFrame:
    """Return the table for a horizon, with years and addresses of the publications."""
    rows = [
        *SETTINGS,
        *CLUSTERS,
        *designations(),
        *CHAIN,
        *SITES,
        *activities(),
        *LINKS_AND_RULES,
        *budgets(years),
        *MONEY,
    ]
    table = pd.DataFrame(rows)
    for column, place in (("year", 0), ("url", 1)):
        table[column] = [" ; ".join(facts.URLS[key][place] for key in keys).strip(" ;") for keys in table["keys"]]
    return table.drop(columns="keys")
