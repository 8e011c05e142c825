"""What is said in the languages whose text is spoken in words only, by what is written.

Right by the grammar of each language; written by hand.
"""

from __future__ import annotations

SAID = {
    "ru": {
        # A day and a year are ordinals in the genitive; a year agrees with its noun.
        "3 мая 2024 г. в 17:30": "третьего мая две тысячи двадцать четвёртого года в семнадцать "
        "тридцать",
        "03.05.2024": "третьего мая две тысячи двадцать четвёртого года",
        "в 1945 году, 1945 год": "в тысяча девятьсот сорок пятом году, тысяча девятьсот сорок "
        "пятый год",
        "1990-е годы, 5-й, 2-я, 20-го": "тысяча девятьсот девяностые годы, пятый, "
        "вторая, двадцатого",
        "XIX век, в XX веке, Пётр I": "девятнадцатый век, в двадцатом веке, Пётр Первый",
        "в 9:00, 9:05": "в девять часов, девять ноль пять",
        # One, few, many; and the gender of one and two.
        "1 км, 2 км, 5 км, 21 км, 12 км": "один километр, два километра, пять километров, "
        "двадцать один километр, двенадцать километров",
        "1 минута, 2 мин, 1 т": "одна минута, две минуты, одна тонна",
        "1,5 кг, 2,05 м": "одна целая пять десятых килограмма, две целых пять сотых метра",
        "1 %, 2 %, 50 %, 2,5 %": "один процент, два процента, пятьдесят процентов, "
        "две целых пять десятых процента",
        "1 234,50 ₽, 5,01 $": "одна тысяча двести тридцать четыре рубля пятьдесят копеек, "
        "пять долларов один цент",
        "5 млн человек, 2 млрд рублей": "пять миллионов человек, два миллиарда рублей",
        "-5 °C, 100 км/ч": "минус пять градусов Цельсия, сто километров в час",
        "К 2030 году": "К две тысячи тридцатому году",
        "2 книги, 2 дома, 1 книга, 31 окно": "две книги, два дома, одна книга, тридцать одно окно",
        "3/4, 2 1/2 км": "три четверти, два с половиной километра",
        "info@firma.ru, № 5": "info собака firma точка R U, номер пять",
        "тел. 8 495 123-45-67": "телефон восемь, четыре девять пять, один два три, четыре пять, "
        "шесть семь",
    },
    "pl": {
        "3 maja 2024 r. o 17:30": "trzeciego maja dwa tysiące dwudziestego czwartego roku "
        "o siedemnastej trzydzieści",
        "w 1945 roku, rok 1945": "w tysiąc dziewięćset czterdziestym piątym roku, rok tysiąc "
        "dziewięćset czterdziesty piąty",
        "1 km, 2 km, 5 km, 22 km": "jeden kilometr, dwa kilometry, pięć kilometrów, "
        "dwadzieścia dwa kilometry",
        "1 godz., 2 godz., 5 min": "jedna godzina, dwie godziny, pięć minut",
        "1,5 kg, 2,5%": "jeden przecinek pięć kilograma, dwa przecinek pięć procenta",
        "1 234,50 zł": "tysiąc dwieście trzydzieści cztery złote pięćdziesiąt groszy",
        "2 osoby, 2 domy, 1 miasto, 22 kobiety": "dwie osoby, dwa domy, jedno miasto, "
        "dwadzieścia dwie kobiety",
        "5 mln osób": "pięć milionów osób",
        "XIX wiek, w XX wieku, Zygmunt III": "dziewiętnasty wiek, w dwudziestym wieku, "
        "Zygmunt Trzeci",
        "3. miejsce, na 3. piętrze": "trzecie miejsce, na trzecim piętrze",
        "3/4, 2/3, 2 1/2 km": "trzy czwarte, dwie trzecie, dwa i pół kilometra",
        "info@firma.pl, m.in. 5": "info małpa firma kropka P L, między innymi pięć",
    },
    "cs": {
        "3. května 2024 v 17:30": "třetího května dva tisíce dvacet čtyři v sedmnáct třicet",
        "3. 5. 2024, v roce 1945": "třetího května dva tisíce dvacet čtyři, v roce devatenáct set "
        "čtyřicet pět",
        "1 km, 2 km, 5 km, 22 km": "jeden kilometr, dva kilometry, pět kilometrů, dvacet dva "
        "kilometrů",
        "1 hod., 2 h, 2 €, 1 %": "jedna hodina, dvě hodiny, dvě eura, jedno procento",
        "1,5 kg, 2,05": "jedna celá pět kilogramu, dvě celé nula pět",
        "2 ženy, 2 města, 2 domy, 1 dům": "dvě ženy, dvě města, dva domy, jeden dům",
        "5 mil. lidí, 1 234,50 Kč": "pět milionů lidí, tisíc dvě stě třicet čtyři korun "
        "padesát haléřů",
        "v 19. století, Karel IV. byl": "v devatenáctém století, Karel Čtvrtý byl",
        "ve 2. patře, 2. třída, 3. místo": "ve druhém patře, druhá třída, třetí místo",
        "v 17 hodin, 9:00": "v sedmnáct hodin, devět hodin",
    },
    "tr": {
        "3 Mayıs 2024, 17:30": "üç Mayıs iki bin yirmi dört, on yedi otuz",
        "%50, %3,5, 50%, %5-10": "yüzde elli, yüzde üç virgül beş, yüzde elli, yüzde beş on",
        "1.234,50 TL, ₺5": "bin iki yüz otuz dört lira elli kuruş, beş lira",
        "2. Dünya Savaşı, 3. kat, 5'inci": "ikinci Dünya Savaşı, üçüncü kat, beşinci",
        "3/4, 2 1/2 saat": "dörtte üç, iki buçuk saat",
        "2024'te 5 km, 0,05": "iki bin yirmi dört'te beş kilometre, sıfır virgül sıfır beş",
    },
    "ar": {
        "في 3 مايو 2024 الساعة 17:30": "في الثالث من مايو عام ألفين وأربعة وعشرين الساعة "
        "السابعة عشرة والنصف",
        "عام 1945، 21، 200": "عام ألف وتسعمئة وخمسة وأربعين، واحد وعشرون، مئتان",
        # A noun after one and two says the number; after three it is in the plural.
        "1 كم، 2 كم، 5 كم، 11 كم، 100 كم": "كيلومتر واحد، كيلومتران، خمسة كيلومترات، أحد عشر "
        "كيلومترًا، مئة كيلومتر",
        "3 min، 5 $، $11": "ثلاث دقائق، خمسة دولارات، أحد عشر دولارًا",
        "3.14 و ٣٫١٤ و ١٬٢٣٤": "ثلاثة فاصلة واحد أربعة و ثلاثة فاصلة واحد أربعة و ألف ومئتان "
        "وأربعة وثلاثون",
        "50%، ٥٠٪، 3.5%": "خمسون بالمئة، خمسون بالمئة، ثلاثة فاصلة خمسة بالمئة",
        "5 م²، 3/4، -5 °C": "خمسة أمتار مربع، ثلاثة أرباع، ناقص خمس درجات مئوية",
        "2024م": "ألفان وأربعة وعشرون",
        "و5 أشخاص": "و خمسة أشخاص",
    },
    "zh": {
        "2024年5月3日17:30": "二零二四年五月三日十七点三十分",
        "1945年，90年代，2024-05-03": "一九四五年, 九十年代, 二零二四年五月三日",
        "2个苹果，12本书，2点，9:05": "两个苹果, 十二本书, 两点, 九点零五分",
        "第2次，2月，2年级": "第二次, 二月, 二年级",
        "2.5公里，5km，100km/h": "二点五公里, 五公里, 一百公里每小时",
        "50%，-5℃，3/4": "百分之五十, 负五摄氏度, 四分之三",
        "$5，¥1,234.50，$5亿": "五美元, 一千二百三十四点五零元, 五亿美元",
        "10-15公里，3.5万，12000": "十到十五公里, 三点五万, 一万二千",
        "010-12345678，007": "零一零, 一二三四五六七八, 零零七",
        "9:00-17:00，3:2": "九点到十七点, 三比二",
        "www.example.cn/a": "example 点 C N 斜杠 a",
    },
    "zh-Hant": {
        "2024年5月3日17:30": "二零二四年五月三日十七點三十分",
        "2個，50%，NT$100": "兩個, 百分之五十, 新台幣一百元",
    },
    "ja": {
        "2024年5月3日17:30": "二千二十四年五月三日十七時三十分",
        "5km、100km/h、1,234円": "五キロメートル, 時速百キロメートル, 千二百三十四円",
        "50%、-5℃、3/4、3.14": "五十パーセント, マイナス五度, 四分の三, 三点一四",
        "10〜15人、¥500": "十から十五人, 五百円",
        "電話は03-1234-5678": "電話はゼロ三, 一二三四, 五六七八",
    },
    "ko": {
        "2024년 6월 3일 17:30": "이천이십사 년 유월 삼 일 십칠 시 삼십 분",
        "3시 30분, 3개, 20살, 100명": "세 시 삼십 분, 세 개, 스무 살, 백 명",
        "3층, 3번, 1번째, 6개월": "삼 층, 삼 번, 첫 번째, 육 개월",
        "5km를, 50%가, 1,234원": "오 킬로미터를, 오십 퍼센트가, 천이백삼십사 원",
        "20대, 차 3대, 3대 2, 1.5배": "이십 대, 차 세 대, 삼 대 이, 일 점 오 배",
        "$5, 3.14, 3/4, 10-15층": "오 달러, 삼 점 일사, 사분의 삼, 십에서 십오 층",
    },
    "hu": {
        "2024. május 3., május 3-án": "kétezer-huszonnégy május harmadika, május harmadikán",
        "május 1-jén, május 2-án": "május elsején, május másodikán",
        "2024. 05. 03.": "kétezer-huszonnégy május harmadika",
        "1945-ben, 10-es": "ezerkilencszáznegyvenötben, tízes",
        "2 ember, 12 és 2": "két ember, tizenkettő és kettő",
        "2 km, 2 óra, 102": "két kilométer, két óra, százkettő",
        "3,5%, 3,14": "három egész öt tized százalék, három egész tizennégy század",
        "XX. század, 3. hely": "huszadik század, harmadik hely",
        "5,50 €, 17:30": "öt euró ötven cent, tizenhét óra harminc",
    },
}
