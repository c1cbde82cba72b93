# ruff: noqa: E501  (literal tables and addresses keep one row per line)
"""Published figures the Korea case rests on. Nothing in here is assumed; grades C and D need checking before use.

Money is in KRW bn unless a name says USD m. A source is named by the key of its publication; ``URLS`` has its address
and year. Grades: A primary or official, B press report of an official figure, C single, old or inconsistent report,
D plan or forecast.
"""

from io import StringIO
from typing import Final

import pandas as pd


def read(text: str) -> pd.DataFrame:
    """Read a small literal table: columns between bars, blanks around cells ignored."""
    return pd.read_csv(StringIO(text.strip()), sep=r"\s*\|\s*", engine="python", dtype_backend="numpy_nullable")


CLUSTERS: Final = read("""
cluster   | name                                     | name_ko                | region      | province          | capital | latitude | longitude | designated | source
osong     | Osong Bio Cluster (Cheongju)             | 오송                   | chungcheong | Chungcheongbuk-do | no      | 36.63    | 127.33    | 2009       | hankyung 2009081076901
daegu     | Daegu-Gyeongbuk High-Tech Medical Complex | 대구경북첨단의료복합단지 | yeongnam    | Daegu             | no      | 35.87    | 128.60    | 2009       | hankyung 2009081076901
songdo    | Songdo Bio Cluster (Incheon)             | 송도                   | capital     | Incheon           | yes     | 37.38    | 126.65    | 2024       | hankyung 202406276166Y
daedeok   | Daedeok / Daejeon Bio Cluster            | 대덕(대전 유성)        | chungcheong | Daejeon           | no      | 36.37    | 127.36    | 2024       | hankyung 202406276166Y
hongneung | Seoul Hongneung Bio Cluster              | 홍릉                   | capital     | Seoul             | yes     | 37.59    | 127.04    | 2020       | thedailypost 75148
pangyo    | Pangyo Techno Valley                     | 판교                   | capital     | Gyeonggi-do       | yes     | 37.40    | 127.11    |            |
gwanggyo  | Gwanggyo Techno Valley (Suwon)           | 광교                   | capital     | Gyeonggi-do       | yes     | 37.29    | 127.05    |            |
wonju     | Wonju Medical Device Cluster             | 원주                   | gangwon     | Gangwon-do        | no      | 37.34    | 127.92    | 2005       | kado 772058
hwasun    | Hwasun Vaccine Special Zone              | 화순                   | honam       | Jeollanam-do      | no      | 35.06    | 126.99    | 2024       | hankyung 202406276166Y
andong    | Andong Vaccine Cluster                   | 안동                   | yeongnam    | Gyeongsangbuk-do  | no      | 36.57    | 128.73    | 2024       | hankyung 202406276546Y
pohang    | Pohang Bio Cluster                       | 포항                   | yeongnam    | Gyeongsangbuk-do  | no      | 36.02    | 129.34    | 2019       | mt 2019061910171516788
chuncheon | Chuncheon(-Hongcheon) Bio Cluster        | 춘천·홍천              | gangwon     | Gangwon-do        | no      | 37.88    | 127.73    | 2022       | wowtv AKR20220502107000017
jeongeup  | Jeongeup / Jeonbuk Bio Cluster           | 정읍                   | honam       | Jeonbuk           | no      | 35.57    | 126.86    |            |
jeju      | Jeju Bio Cluster                         | 제주                   | jeju        | Jeju              | no      | 33.50    | 126.53    |            |
gimhae    | Gimhae Biomedical Cluster                | 김해                   | yeongnam    | Gyeongsangnam-do  | no      | 35.23    | 128.89    | 2019       | timenews 1360573
busan     | Busan Bio-health hubs                    | 부산                   | yeongnam    | Busan             | no      | 35.18    | 129.08    |            |
ulsan     | Ulsan Genome Service Zone                | 울산                   | yeongnam    | Ulsan             | no      | 35.54    | 129.31    | 2020       | ulsanpress 355616
magok     | Magok Industrial Complex                 | 마곡                   | capital     | Seoul             | yes     | 37.56    | 126.83    | 2007       | mt 2022040411414125479
siheung   | Siheung Bio Complex                      | 시흥                   | capital     | Gyeonggi-do       | yes     | 37.38    | 126.80    | 2024       | siheung
munjeong  | Munjeong bio-venture cluster (Songpa)    | 문정                   | capital     | Seoul             | yes     | 37.49    | 127.12    |            |
iksan     | Iksan Green/Red Bio base                 | 익산                   | honam       | Jeonbuk           | no      | 35.95    | 126.96    |            |
""")
"""Coordinates are of the city. ``designated`` is blank where no national designation year was found."""

REGIONS_KO: Final = {
    "capital": "수도권",
    "chungcheong": "충청권",
    "yeongnam": "영남권",
    "honam": "호남권",
    "gangwon": "강원권",
    "jeju": "제주권",
}
"""What planners call the regions in Korean."""

PROVINCES_KO: Final = {
    "Seoul": "서울특별시",
    "Busan": "부산광역시",
    "Daegu": "대구광역시",
    "Incheon": "인천광역시",
    "Daejeon": "대전광역시",
    "Ulsan": "울산광역시",
    "Gyeonggi-do": "경기도",
    "Gangwon-do": "강원특별자치도",
    "Chungcheongbuk-do": "충청북도",
    "Jeonbuk": "전북특별자치도",
    "Jeollanam-do": "전라남도",
    "Gyeongsangbuk-do": "경상북도",
    "Gyeongsangnam-do": "경상남도",
    "Jeju": "제주특별자치도",
}
"""Official Korean names of cities and provinces, Gangwon's since 2023 and Jeonbuk's since 2024."""

SIZES: Final = read("""
cluster   | measure       | figure | year | grade | source                        | scope                                            | scope_ko
osong     | employees     | 4058   | 2018 | C     | miracell 460                  | Osong Bio Valley without the medical complex     | 첨단의료복합단지를 뺀 오송바이오밸리
daegu     | employees     | 2719   | 2019 | B     | yeongnam 20200915010002148    | 130 firms of the medical complex and R&D zone    | 첨단의료복합단지와 연구개발특구의 기업 130개
songdo    | employees     | 6000   | 2021 | B     | kotra ntt_sn=8                | about; bio and healthcare firms                  | 대략값, 바이오·헬스케어 기업
daedeok   | firms         | 305    | 2020 | B     | daejonilbo 1440040            | bio firms of Daedeok Innopolis                   | 대덕연구개발특구의 바이오 기업
hongneung | firms         | 76     | 2025 | B     | zdnet 20250811094924          | start-ups of five years                          | 5년간의 창업 기업
pangyo    | firms         | 233    | 2021 | B     | besuccess                     | BT firms                                         | BT 기업
gwanggyo  | all_employees | 3232   | 2015 | B     | hankyung 2015092927011        | all tenants, all industries                      | 전 업종 입주 기업 전체
wonju     | employees     | 6800   | 2024 | B     | m-news 202507286886e7b315203  | about                                            | 대략값
hwasun    | employees     | 2845   | 2025 | C     | joins 25302118                | date of the figure uncertain                     | 수치의 기준일 불확실
andong    | output        | 260    | 2019 | B     | hankyung 2020092336431        | sales of two firms only (170 + 90)               | 두 기업만의 매출(170 + 90)
pohang    | firms         | 10     | 2020 | B     | newdaily 2020112600232        | firms of one open-innovation centre              | 개방형 혁신센터 한 곳의 기업
chuncheon | employees     | 3682   | 2025 | B     | kwnews 2025102110130513364    | 77 firms                                         | 기업 77개
jeongeup  | half_firms    | 97     | 2024 | B     | fnnews 202407091527137987     | whole province, planned firms included           | 도 전체, 입주 예정 기업 포함
jeju      | firms         | 42     | 2013 | B     | ihalla 1369062000431641020    | tenants of one centre                            | 센터 한 곳의 입주 기업
gimhae    | output        | 480    | 2023 | B     | viva100 20240730010009208     | biomedical sales of the city                     | 김해시 의생명 분야 매출
busan     | employees     | 4089   | 2019 | B     | busan 20220207000071          | bio-health establishments of the city            | 부산시 바이오헬스 사업체
ulsan     | firms         | 11     | 2020 | B     | ulsanpress 355616             | firms of the regulation-free zone                | 규제자유특구의 기업
magok     | firms         | 30     | 2022 | B     | mt 2022040411414125479        | firms expected, more than half moved in          | 입주 예정 기업, 절반 넘게 입주
siheung   | not_found     |        |      |       |                               | no figure found                                  | 수치를 찾지 못함
munjeong  | firms         | 60     | 2022 | C     | sedaily 2D4A9LVCA7            | ventures and contract research, year approximate | 벤처기업과 수탁연구기관, 연도는 대략값
iksan     | half_firms    | 97     | 2024 | B     | fnnews 202407091527137987     | whole province, planned firms included           | 도 전체, 입주 예정 기업 포함
""")
"""The one published size of each cluster that is nearest to bio staff. Definitions differ from row to row."""

STAFF_AND_FIRMS: Final = read("""
cluster   | employees | firms
osong     | 4058      | 260
daegu     | 2719      | 130
songdo    | 6000      | 60
hwasun    | 2845      | 33
chuncheon | 3682      | 77
wonju     | 2287      | 107
busan     | 4089      | 511
""")
"""Clusters with both figures published (Osong: 2018 and 2023; Wonju: about 2011)."""

NATIONAL_OUTPUT_2022: Final = 23465.7
NATIONAL_EMPLOYEES_2022: Final = 61152
COMPANY_INVESTMENT_2022: Final = 4125.5
PANGYO_BT_SHARE_2021: Final = 0.144

PAUL_2010: Final = read("""
step               | success_rate | cost_usd_m | years
target_to_hit      | 0.80         | 1.0        | 1.0
hit_to_lead        | 0.75         | 2.5        | 1.5
lead_optimisation  | 0.85         | 10.0       | 2.0
preclinical        | 0.69         | 5.0        | 1.0
phase1             | 0.54         | 15.0       | 1.5
phase2             | 0.34         | 40.0       | 2.5
phase3             | 0.70         | 150.0      | 2.5
launch             | 0.91         | 40.0       | 1.5
""").set_index("step")
"""Per project begun in a step; ``launch`` is submission to launch. Totals equal the published USD 873 m."""

BIO_2021: Final = read("""
modality            | phase1 | n1   | phase2 | n2   | phase3 | n3   | approval | n4
small molecule      | 0.526  | 2308 | 0.280  | 2896 | 0.569  | 1118 | 0.895    | 849
monoclonal antibody | 0.547  | 804  | 0.341  | 740  | 0.681  | 310  | 0.954    | 282
CAR-T               | 0.442  | 43   | 0.588  | 17   | 0.667  | 3    | 1.000    | 4
gene therapy        | 0.519  | 27   | 0.386  | 57   | 0.500  | 10   | 1.000    | 2
vaccine             | 0.527  | 129  | 0.316  | 117  | 0.581  | 43   | 1.000    | 27
""").set_index("modality")
"""Success rates and numbers of observations."""

BIO_2021_YEARS: Final = read("""
area               | phase1 | phase2 | phase3 | approval
all indications    | 2.3    | 3.6    | 3.3    | 1.3
infectious disease | 2.0    | 3.5    | 3.1    | 1.2
oncology           | 2.7    | 3.7    | 3.1    | 0.8
""").set_index("area")

VACCINE_PRECLINICAL: Final = (0.57, 0.40, 0.48, 0.41, 0.41, 0.41)
"""Six published preclinical success rates of vaccines (Gouglas 2018, table 1)."""

SERTKAYA_2022: Final = {"preclinical": 0.469, "phase1": 0.480, "phase3": 0.757, "approval": 0.805}
SERTKAYA_NONCLINICAL_USD_M: Final = 20.0
SERTKAYA_CLINICAL_USD_M: Final = 32.1
"""Devices: nonclinical work; feasibility and pivotal study together."""

PEAK_SALES_2024_USD_M: Final = 370.0
"""Average forecast peak sales of a late-stage asset, without GLP-1 (Deloitte)."""

HEALTH_RND: Final = read("""
funder | y2025 | y2026
msit   | 603.3 | 748.1
mohw   | 932.7 | 1065.2
motie  | 276.4 | 297.4
mfds   | 107.8 | 117.1
""").set_index("funder")
"""Health and medical R&D budgets. The fifth ministry of the source, KDCA (184.5 and 197.3), is left out."""

FUNDERS: Final = read("""
funder | name                                        | name_ko
msit   | Ministry of Science and ICT                 | 과학기술정보통신부
mohw   | Ministry of Health and Welfare              | 보건복지부
motie  | Ministry of Trade, Industry and Energy      | 산업통상자원부
mss    | Ministry of SMEs and Startups               | 중소벤처기업부
mfds   | Ministry of Food and Drug Safety            | 식품의약품안전처
""")

HEALTH_RND_TOTAL_2023: Final = 1469.0
NEW_DRUG_RND_2023: Final = 598.5
NEW_DRUG_RND_2021: Final = {"discovery": 22.3 + 138.2, "preclinical": 76.4, "clinical": 80.4}
"""Government new-drug R&D by stage; infrastructure 150.1 and other 43.4 of 2021 are left out."""

KDDF_APPLICATIONS_2024: Final = {"discovery": 242, "preclinical": 67, "phase1": 43, "phase2": 17}
"""Discovery: applications at the hit step, where the stage begins."""
KDDF_SELECTED_2024: Final = {"discovery": (11 + 21 + 19) / 3, "preclinical": 16, "phase1": 8, "phase2": 3}
"""Discovery: mean of hit, lead and candidate, as one start here passes all three."""
KDDF_NATIONAL_2021_2030: Final = 1474.7
KDDF_NATIONAL_COMMERCIALISATION: Final = 141.6
KDDF_MATCH: Final = {"preclinical": 327.0 / 607.4, "clinical": 365.8 / 365.7, "approval": 8.3 / 141.6}
"""Private per national money: ecosystem research, clinical development, commercialisation support."""

BENCHMARKS: Final = read("""
cluster        | metric                                      | value   | unit                                         | year      | grade | source
Boston         | NIH funding                                 | 3460    | USD m                                        | 2024      | B     | globest
Boston         | venture capital                             | 7900    | USD m                                        | 2024      | B     | cushwake p.57
Boston         | lab market size                             | 47.0    | million sq ft, vacancy 30.3 % in Q4          | 2024      | B     | cushwake p.57
Boston         | life-science workforce                      | 53000   | persons                                      | 2024      | B     | globest
Boston area    | NIH to Mass General Brigham system          | 5486.9  | USD m, sum of fiscal years 2021-2025         | 2025      | B     | nih-funding-explorer
Massachusetts  | biopharma employment                        | 113994  | persons                                      | 2022      | A     | massbio 2023
Massachusetts  | venture capital, full year                  | 13660   | USD m                                        | 2021      | B     | theventurecation
Massachusetts  | venture capital, first half                 | 3260    | USD m, 95 companies                          | 2024      | A     | massbio 502161
Massachusetts  | venture capital, first half                 | 2750    | USD m                                        | 2025      | B     | bisnow 130713
Massachusetts  | NIH funding                                 | 2900    | USD m, about                                 | 2018      | B     | sandiegouniontribune 2019-06-03
Massachusetts  | biotech and pharma companies                | 550     | firms, more than                             | 2011      | A     | massbio supercluster
San Diego      | companies                                   | 2100    | firms, nearly, 80+ research institutes in it | 2024      | B     | cushwake p.65
San Diego      | economic output                             | 56600   | USD m                                        | 2023      | B     | cushwake p.65
San Diego      | lab market size                             | 24.8    | million sq ft, vacancy 20.4 % in Q4          | 2024      | B     | cushwake p.65
San Diego      | life-science employment                     | 50100   | persons                                      | 2024      | B     | cushwake p.65
San Diego      | venture capital, full year                  |           |                                            | 2024      |       |
San Diego      | NIH to UC San Diego                         | 2836.2  | USD m, sum of fiscal years 2021-2025         | 2025      | B     | nih-funding-explorer
San Diego County | NIH funding                               | 933     | USD m                                        | 2018      | A     | biocom 2019
San Diego County | life-science establishments               | 1561    | firms                                        | 2018      | A     | biocom 2019
San Diego County | direct employment                         | 65572   | persons                                      | 2018      | A     | biocom 2019
San Diego County | economic activity                         | 39400   | USD m                                        | 2018      | A     | biocom 2019
Singapore      | RIE2025 plan, all fields                    | 25000   | SGD m for 2021-2025, later 28000             | 2020      | B     | channelnewsasia 13751100
Singapore      | RIE2015 biomedical part                     | 3700    | SGD m for 2011-2015, of 16100                | 2011      | C     | insightalpha
Singapore      | biomedical manufacturing output             | 23700   | SGD m, 8.2 % of manufacturing                | 2013      | C     | insis
Singapore      | medtech manufacturing output                | 19000   | SGD m, 16000 jobs                            | 2022      | C     | petir 2024-08-01
Singapore      | biomedical and medtech jobs                 | 25000   | persons, more than                           | 2023      | A     | edb
Singapore      | biopharmaceutical plants                    | 18      | plants, no biologics plant in 2000           | 2019      | A     | ciip cambridge
Singapore      | biomedical R&D expenditure                  | 888.9   | SGD m                                        | 2005      | B     | instrumentbusinessoutlook
Singapore      | number of firms; lab space; venture capital |           |                                            |           |       |
Boston         | stage mix of public money; private share    |           |                                            |           |       |
San Diego      | stage mix of public money; private share    |           |                                            |           |       |
Singapore      | stage mix of public money; private share    |           |                                            |           |       |
""")

BENCHMARKS_KO: Final = {
    "Boston": "보스턴",
    "Boston area": "보스턴권",
    "Massachusetts": "매사추세츠주",
    "San Diego": "샌디에이고",
    "San Diego County": "샌디에이고 카운티",
    "Singapore": "싱가포르",
    "NIH funding": "NIH 연구비",
    "NIH to Mass General Brigham system": "Mass General Brigham에 대한 NIH 연구비",
    "NIH to UC San Diego": "UC San Diego에 대한 NIH 연구비",
    "venture capital": "벤처투자",
    "venture capital, full year": "벤처투자(연간)",
    "venture capital, first half": "벤처투자(상반기)",
    "lab market size": "연구시설 시장 규모",
    "life-science workforce": "생명과학 인력",
    "life-science employment": "생명과학 고용",
    "life-science establishments": "생명과학 사업체",
    "biopharma employment": "바이오제약 고용",
    "biotech and pharma companies": "바이오·제약 기업",
    "companies": "기업",
    "economic output": "경제적 산출",
    "economic activity": "경제 활동",
    "direct employment": "직접 고용",
    "RIE2025 plan, all fields": "RIE2025 계획(전 분야)",
    "RIE2015 biomedical part": "RIE2015 계획의 바이오메디컬 부문",
    "biomedical manufacturing output": "바이오메디컬 제조업 생산액",
    "medtech manufacturing output": "의료기술 제조업 생산액",
    "biomedical and medtech jobs": "바이오메디컬·의료기술 일자리",
    "biopharmaceutical plants": "바이오제약 공장",
    "biomedical R&D expenditure": "바이오메디컬 R&D 지출",
    "number of firms; lab space; venture capital": "기업 수, 연구시설 면적, 벤처투자",
    "stage mix of public money; private share": "공공자금의 단계별 구성, 민간 비중",
    "USD m": "백만 달러",
    "USD m, about": "백만 달러, 대략값",
    "USD m, 95 companies": "백만 달러, 기업 95개",
    "USD m, sum of fiscal years 2021-2025": "백만 달러, 2021-2025 회계연도 합계",
    "SGD m": "백만 싱가포르달러",
    "SGD m, 16000 jobs": "백만 싱가포르달러, 일자리 16000개",
    "SGD m, 8.2 % of manufacturing": "백만 싱가포르달러, 제조업의 8.2%",
    "SGD m for 2011-2015, of 16100": "백만 싱가포르달러, 2011-2015년, 16100 중",
    "SGD m for 2021-2025, later 28000": "백만 싱가포르달러, 2021-2025년, 이후 28000",
    "million sq ft, vacancy 20.4 % in Q4": "백만 제곱피트, 4분기 공실률 20.4%",
    "million sq ft, vacancy 30.3 % in Q4": "백만 제곱피트, 4분기 공실률 30.3%",
    "persons": "명",
    "persons, more than": "명 초과",
    "firms": "개사",
    "firms, more than": "개사 초과",
    "firms, nearly, 80+ research institutes in it": "개사에 조금 못 미침, 연구기관 80개 이상 포함",
    "plants, no biologics plant in 2000": "곳, 2000년에는 바이오의약품 공장 없음",
    "cushwake p.57": "cushwake 57쪽",
    "cushwake p.65": "cushwake 65쪽",
}
"""Texts of the benchmarks -> in Korean; names of publications stay as they are."""

# fmt: off
URLS: Final = {
    "hankyung 2009081076901": ("2009", "https://www.hankyung.com/article/2009081076901"),
    "hankyung 202406276166Y": ("2024", "https://hankyung.com/article/202406276166Y"),
    "hankyung 202406276546Y": ("2024", "https://hankyung.com/article/202406276546Y"),
    "thedailypost 75148": ("2020", "https://www.thedailypost.kr/news/articleView.html?idxno=75148"),
    "kado 772058": ("2016", "https://ssl.kado.net/?mod=news&act=articleView&idxno=772058&page=2&total=435"),
    "mt 2019061910171516788": ("2019", "https://m.mt.co.kr/renew/view.html?no=2019061910171516788"),
    "wowtv AKR20220502107000017": ("2022", "https://wowtv.co.kr/NewsCenter/News/Read?articleId=AKR20220502107000017"),
    "timenews 1360573": ("2019", "https://www.timenews.co.kr/web/news/article/1360573"),
    "ulsanpress 355616": ("2020", "https://www.ulsanpress.net/news/articleView.html?idxno=355616"),
    "mt 2022040411414125479": ("2022", "https://m.mt.co.kr/renew/view.html?no=2022040411414125479"),
    "siheung": ("2024", "https://www.siheung.go.kr/media/writing/list.do?mId=0800000000"),
    "miracell 460": ("2019", "https://miracell.ph/?p=460"),
    "yeongnam 20200915010002148": ("2020", "https://www.yeongnam.com/web/view.php?key=20200915010002148"),
    "kotra ntt_sn=8": ("2021", "https://ombudsman.kotra.or.kr/ik-kr/bbs/i-2483/detail.do?ntt_sn=8"),
    "daejonilbo 1440040": ("2020", "http://daejonilbo.com/news/newsitem.asp?pk_no=1440040"),
    "zdnet 20250811094924": ("2025", "https://zdnet.co.kr/view/?no=20250811094924"),
    "besuccess": ("2023", "https://besuccess.com/%ed%8c%90%ea%b5%90%ed%85%8c%ed%81%ac%eb%85%b8%eb%b0%b8%eb%a6%ac-k%eb%b0%94%ec%9d%b4%ec%98%a4-%ea%b8%80%eb%a1%9c%eb%b2%8c-%ec%a7%84%ec%b6%9c-%ea%b5%90%eb%91%90%eb%b3%b4"),
    "hankyung 2015092927011": ("2015", "https://www.hankyung.com/article/2015092927011"),
    "m-news 202507286886e7b315203": ("2025", "http://m-news.korea.com/newsView/202507286886e7b315203"),
    "joins 25302118": ("2025", "https://dcnewsj.joins.com/article/25302118"),
    "hankyung 2020092336431": ("2020", "https://www.hankyung.com/article/2020092336431"),
    "newdaily 2020112600232": ("2020", "https://tk.newdaily.co.kr/site/data/html/2020/11/26/2020112600232.html"),
    "kwnews 2025102110130513364": ("2025", "https://www.kwnews.co.kr/page/view/2025102110130513364"),
    "fnnews 202407091527137987": ("2024", "https://busan.fnnews.com/news/202407091527137987"),
    "ihalla 1369062000431641020": ("2013", "http://s1.ihalla.com/article.php?aid=1369062000431641020&page=65"),
    "viva100 20240730010009208": ("2024", "http://m.viva100.com/view.php?key=20240730010009208"),
    "busan 20220207000071": ("2022", "http://busan.com/view/busan/view.php?code=20220207000071"),
    "sedaily 2D4A9LVCA7": ("", "https://m.sedaily.com/PhotoViewer/2D4A9LVCA7/1"),
    "bio industry survey 2022": ("2023", "https://www.zdnet.co.kr/view/?no=20231207113904"),
    "paul 2010": ("2010", "https://doi.org/10.1038/nrd3078"),
    "bio 2021": ("2021", "https://documents.pub/document/clinical-development-success-rates-and-contributing-factors-mediainforma.html"),
    "bio 2021 durations": ("", "https://library.raps.org/pharmaceutical-regulations-biologics-book/21"),
    "gouglas 2018": ("2018", "https://pmc.ncbi.nlm.nih.gov/articles/PMC7164811/table/tbl1"),
    "sertkaya 2022": ("2022", "https://doi.org/10.1001/jamanetworkopen.2022.31609"),
    "aspe devices": ("", "http://aspe.hhs.gov./reports/cost-medical-device-development"),
    "deloitte 2025": ("2025", "https://cambridgenetwork.co.uk/news/global-pharma-rd-returns-rise-glp-1-drugs-help-drive-forecast-growth"),
    "wouters 2024": ("2024", "https://researchonline.lse.ac.uk/id/eprint/123955"),
    "budget 2025": ("2024", "https://m.nocutnews.co.kr/news/amp/6265115"),
    "budget 2026": ("2025", "https://newsdao.kr/26013"),
    "health rnd 2023": ("2022", "https://m.korea.kr/briefing/pressReleaseView.do?newsId=156545310"),
    "new drug 2021": ("2023", "https://www.pharmstoday.com/news/articleView.html?idxno=322195"),
    "new drug 2023": ("2025", "http://www.hmj2k.com/news/article.html?no=43534"),
    "kddf 2024": ("2025", "https://www.news1.kr/amp/bio/pharmaceutical-bio/5663485"),
    "kddf programme": ("2020", "https://www.hankyung.com/it/article/202007038860Y"),
    "globest": ("2025", "https://globest.com/2025/04/14/bostons-life-sciences-sector-faces-challenges-but-remains-a-magnet-for-investment-and-nih-funding/?amp=1"),
    "cushwake p.57": ("2025", "https://cushwake.cld.bz/March-2025-Life-Sciences-Update/57"),
    "cushwake p.65": ("2025", "https://cushwake.cld.bz/March-2025-Life-Sciences-Update/65"),
    "nih-funding-explorer": ("2026", "https://github.com/AniruthAnanth/nih-funding-explorer"),
    "massbio 2023": ("2023", "https://www.massbio.org/news/recent-news/massbio-2023-industry-snapshot-shows-significant-employment-growth-in-research-and-development-across-the-commonwealth/"),
    "theventurecation": ("2022", "https://theventurecation.com/?p=38275"),
    "massbio 502161": ("2024", "https://massbio.org/?p=502161"),
    "bisnow 130713": ("2025", "https://www.bisnow.com/boston/news/life-sciences/vc-funding-for-massachusetts-biotech-firms-falls-17-as-expected-recovery-did-not-happen-130713"),
    "sandiegouniontribune 2019-06-03": ("2019", "https://www.sandiegouniontribune.com/business/biotech/story/2019-06-03/biocom-report-2019"),
    "massbio supercluster": ("2014", "http://www.massbio.org/economic_development/the_massachusetts_supercluster"),
    "biocom 2019": ("2019", "https://issuu.com./biocom0/docs/biocomeconreport_sandiegocounty_sum"),
    "channelnewsasia 13751100": ("2020", "https://www.channelnewsasia.com/news/singapore/singapore-invest-25-billion-research-develop-talent-13751100"),
    "insightalpha": ("", "https://insightalpha.com/news_details.php?cid=157&sid=75&nid=273"),
    "insis": ("2014", "https://insis.com/en/articles/se/supporting-life-growing-business"),
    "petir 2024-08-01": ("2024", "https://petir.sg/2024/08/01/a-strong-vision-pays-off-spore-is-riding-the-massive-medtech-boom-despite-opposition/"),
    "edb": ("2023", "https://www.edb.gov.sg/en/business-insights/insights/national-research-foundation-to-continue-to-support-economic-transformation.html"),
    "ciip cambridge": ("2021", "https://ciip.group.cam.ac.uk/reports-and-articles/singapores-biomedical-cluster"),
    "instrumentbusinessoutlook": ("2007", "https://instrumentbusinessoutlook.com/article/singapore-5/"),
}
# fmt: on
"""Year and address of every publication named above."""
