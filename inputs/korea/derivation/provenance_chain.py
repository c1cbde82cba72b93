# ruff: noqa: E501  (the sentences of the table stay whole)
"""Where the figures of stages, fields and niches come from: their rows of ``sources.csv``; see ``provenance.py``."""

from typing import Final, NamedTuple

import assumptions as a

TRIALS: Final = "stage=" + "|".join(a.CLINICAL)
CLINIC_TO_APPROVAL: Final = f"{TRIALS}|approval"
COST_TERMS: Final = f"{a.KRW_BN_PER_USD_M:g} KRW bn per USD m and a Korean cost level of {a.COST_LEVEL:g}"
COST_TERMS_KO: Final = f"백만 달러당 {a.KRW_BN_PER_USD_M:g}십억원, 국내 비용 수준 {a.COST_LEVEL:g}"
FACTORS: Final = " / ".join(f"{factor:g}" for factor in a.FIELDS["value_factor"])


class Row(NamedTuple):
    """One row of ``sources.csv``; ``keys`` name publications in ``facts.URLS``."""

    table: str
    where: str
    column: str
    basis: str
    source: str
    source_ko: str
    keys: tuple[str, ...] = ()


CHAIN: Final = [
    Row(
        "stages",
        "stage=discovery",
        "cost",
        "derived",
        f"1 + 0.8 x (2.5 + 0.75 x 10) = 9 USD m per start; assuming {COST_TERMS}",
        f"착수 과제당 1 + 0.8 × (2.5 + 0.75 × 10) = 9백만 달러. 가정: {COST_TERMS_KO}",
        ("paul 2010",),
    ),
    Row(
        "stages",
        "stage=preclinical|phase1|phase2|phase3",
        "cost",
        "derived",
        f"5, 15, 40, 150 USD m; assuming {COST_TERMS}",
        f"단계별로 5, 15, 40, 150백만 달러. 가정: {COST_TERMS_KO}",
        ("paul 2010",),
    ),
    Row(
        "stages",
        "stage=approval|manufacturing",
        "cost",
        "derived",
        f"40 USD m from submission to launch; assuming {a.APPROVAL_SHARE_OF_LAUNCH_COST:.0%} of it for approval, the rest for "
        f"manufacturing, and {COST_TERMS}",
        f"허가 신청부터 출시까지 40백만 달러. 가정: 그중 {a.APPROVAL_SHARE_OF_LAUNCH_COST:.0%}는 허가, 나머지는 생산, {COST_TERMS_KO}",
        ("paul 2010",),
    ),
    Row(
        "stages",
        "stage=discovery",
        "success_rate",
        "derived",
        "0.80 x 0.75 x 0.85, three steps in one",
        "0.80 × 0.75 × 0.85, 세 과정을 한 단계로 통합",
        ("paul 2010",),
    ),
    Row(
        "stages",
        "stage=preclinical|phase1|phase2|phase3|approval",
        "success_rate",
        "published",
        "success per stage, figure 2; read through a public re-implementation whose totals match",
        "단계별 성공률(그림 2). 합계가 일치하는 공개 재구현 자료에서 읽음",
        ("paul 2010",),
    ),
    Row(
        "stages",
        "stage=manufacturing",
        "success_rate",
        "assumed",
        "an approved product is launched",
        "허가받은 제품은 출시되는 것으로 봄",
    ),
    Row(
        "stages", "stage=discovery", "duration", "derived", "1.0 + 1.5 + 2.0 years", "1.0 + 1.5 + 2.0년", ("paul 2010",)
    ),
    Row(
        "stages",
        "stage=preclinical|phase1|phase2|phase3",
        "duration",
        "published",
        "cycle times",
        "단계별 소요 기간",
        ("paul 2010",),
    ),
    Row(
        "stages",
        "stage=approval|manufacturing",
        "duration",
        "derived",
        f"1.5 years from submission to launch; assuming {a.APPROVAL_YEARS:g} year of it is the approval",
        f"허가 신청부터 출시까지 1.5년. 가정: 그중 {a.APPROVAL_YEARS:g}년이 허가 기간",
        ("paul 2010",),
    ),
    Row(
        "stages",
        "",
        "decay",
        "assumed",
        "the earlier the stage, the faster a waiting project is lost",
        "초기 단계일수록 대기 과제가 빨리 소멸하는 것으로 봄",
    ),
    Row(
        "stages",
        "stage=preclinical",
        "crowd_in",
        "derived",
        "private 327.0 / national 607.4 of the programme's ecosystem research",
        "국가신약개발사업 생태계 구축 연구의 민간 327.0 / 국비 607.4",
        ("kddf programme",),
    ),
    Row(
        "stages",
        "stage=phase1|phase2",
        "crowd_in",
        "derived",
        "private 365.8 / national 365.7 of the programme's clinical development",
        "국가신약개발사업 임상개발의 민간 365.8 / 국비 365.7",
        ("kddf programme",),
    ),
    Row(
        "stages",
        "stage=approval",
        "crowd_in",
        "derived",
        "private 8.3 / national 141.6 of the programme's commercialisation support",
        "국가신약개발사업 사업화 지원의 민간 8.3 / 국비 141.6",
        ("kddf programme",),
    ),
    Row(
        "stages",
        "stage=discovery|phase3|manufacturing",
        "crowd_in",
        "assumed",
        "none in discovery; firms carry most of phase 3 and half of manufacturing",
        "발굴은 없음. 임상 3상은 대부분, 생산은 절반을 기업이 부담",
    ),
    Row(
        "stages",
        "",
        "feedback",
        "assumed",
        "clinical lessons lead to new discovery projects",
        "임상에서 얻은 지식이 새로운 발굴 과제로 이어짐",
    ),
    Row(
        "fields",
        "",
        "value",
        "derived",
        f"370 USD m forecast peak sales (2024, without GLP-1); assuming {a.FULL_SALES_YEARS:g} years of them, a margin of "
        f"{a.PROFIT_MARGIN:g}, {a.KRW_BN_PER_USD_M:g} KRW bn per USD m and the field's factor {FACTORS}",
        f"예상 최대 매출 370백만 달러(2024년, GLP-1 제외). 가정: 그 매출 {a.FULL_SALES_YEARS:g}년분, 이익률 {a.PROFIT_MARGIN:g}, "
        f"백만 달러당 {a.KRW_BN_PER_USD_M:g}십억원, 분야 계수 {FACTORS}",
        ("deloitte 2025",),
    ),
    Row(
        "fields",
        "",
        "demand",
        "assumed",
        "round numbers, launches a year at full value",
        "어림수, 제값을 인정하는 연간 출시 건수",
    ),
    Row(
        "niches",
        f"field=small-molecule|biologics; {CLINIC_TO_APPROVAL}",
        "success_rate",
        "published",
        "by modality, figure 10b: small molecule; monoclonal antibody",
        "치료 유형별(그림 10b): 저분자 의약품, 단일클론항체",
        ("bio 2021",),
    ),
    Row(
        "niches",
        f"field=vaccine; {CLINIC_TO_APPROVAL}",
        "success_rate",
        "published",
        "by modality, figure 10b: vaccine; approval 27 of 27",
        "치료 유형별(그림 10b): 백신. 허가는 27건 중 27건",
        ("bio 2021",),
    ),
    Row(
        "niches",
        f"field=cell-gene; {CLINIC_TO_APPROVAL}",
        "success_rate",
        "derived",
        "CAR-T and gene therapy weighted by observations; few of them: phase 3 13, approval 6",
        "CAR-T와 유전자치료제를 관측 건수로 가중 평균. 관측이 적음: 임상 3상 13건, 허가 6건",
        ("bio 2021",),
    ),
    Row(
        "niches",
        f"field=small-molecule|biologics|vaccine; {CLINIC_TO_APPROVAL}",
        "trials",
        "published",
        "numbers of transitions by modality, figure 10b",
        "치료 유형별 단계 이행 건수(그림 10b)",
        ("bio 2021",),
    ),
    Row(
        "niches",
        f"field=cell-gene; {CLINIC_TO_APPROVAL}",
        "trials",
        "derived",
        "CAR-T and gene therapy together",
        "CAR-T와 유전자치료제 합산",
        ("bio 2021",),
    ),
    Row(
        "niches",
        "field=vaccine; stage=preclinical",
        "success_rate",
        "derived",
        "median of six published rates",
        "공표된 성공률 6개의 중앙값",
        ("gouglas 2018",),
    ),
    Row(
        "niches",
        f"field=vaccine|cell-gene; {TRIALS}",
        "duration",
        "derived",
        "stage's years x years of the disease area / years of all indications (BIO 2021); assuming infectious disease stands "
        "for vaccines and oncology for cell-gene",
        "단계 기간 × 질환 영역의 기간 / 전체 적응증의 기간(BIO 2021). 가정: 백신은 감염성 질환, 세포유전자치료제는 종양으로 대신함",
        ("bio 2021 durations", "paul 2010"),
    ),
    Row(
        "niches",
        "field=vaccine|cell-gene; stage=approval",
        "duration",
        "derived",
        "as for the trials; assuming the stage's 1.0 year",
        "임상 단계와 같은 방식. 가정: 단계 기간 1.0년",
        ("bio 2021 durations", "paul 2010"),
    ),
    Row(
        "niches",
        "field=device; stage=preclinical",
        "cost",
        "derived",
        f"20.0 USD m nonclinical; assuming {COST_TERMS}",
        f"비임상 20.0백만 달러. 가정: {COST_TERMS_KO}",
        ("aspe devices", "sertkaya 2022"),
    ),
    Row(
        "niches",
        "field=device; stage=phase1|phase3",
        "cost",
        "derived",
        f"32.1 USD m for both clinical studies; assuming {a.FEASIBILITY_SHARE:.0%} for the feasibility study, and {COST_TERMS}",
        f"두 임상시험 합계 32.1백만 달러. 가정: 탐색 임상 {a.FEASIBILITY_SHARE:.0%}, {COST_TERMS_KO}",
        ("aspe devices", "sertkaya 2022"),
    ),
    Row(
        "niches",
        "field=device; stage=discovery|phase2|approval|manufacturing",
        "cost",
        "assumed",
        "concept 2, pass-through 0.2, approval 0.5, manufacturing 8 USD m",
        "개념 2, 통과 0.2, 허가 0.5, 생산 8백만 달러",
    ),
    Row(
        "niches",
        "field=device; stage=preclinical|phase1|phase3|approval",
        "success_rate",
        "published",
        "transitions of complex therapeutic devices in the US",
        "미국 복합 치료용 의료기기의 단계 이행률",
        ("sertkaya 2022",),
    ),
    Row(
        "niches",
        "field=device; stage=discovery|phase2|manufacturing",
        "success_rate",
        "assumed",
        "1: the published chain begins after the concept, has no second trial, and ends at approval",
        "1로 둠. 공표된 단계는 개념 이후에 시작하고, 두 번째 임상이 없으며, 허가에서 끝남",
    ),
    Row("niches", "field=device", "duration", "assumed", "no published duration at hand", "확보한 공표 기간 없음"),
]
