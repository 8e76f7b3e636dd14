//! Asia.

use super::{Culture, city};

pub(super) const TURKEY: Culture = Culture {
    country: "TR",
    language: ("tr", "Turkish"),
    female: [
        "Ayşe", "Fatma", "Gülşen", "Çiğdem", "Şule", "Özlem", "Zeynep", "Tuğba", "İpek", "Nilüfer", "Elif",
        "Büşra",
    ],
    male: [
        "Mehmet", "İbrahim", "Çağlar", "Oğuz", "Şükrü", "Ömer", "Yiğit", "Emre", "Işık", "Barış", "Uğur",
        "Kaan",
    ],
    family: [
        "Yılmaz", "Öztürk", "Şahin", "Çelik", "Yıldız", "Doğan", "Kılıç", "Aslan", "Güneş", "Özdemir", "Koç",
        "Aydın", "Işık", "Çetin",
    ],
    two_families: false,
    cities: [
        city("İzmir", None, "35###", "İzmir Şehir Hastanesi"),
        city("Muğla", None, "48###", "Muğla Sağlık Merkezi"),
    ],
    streets: ["Atatürk Caddesi", "İnönü Caddesi", "Çınar Sokak", "Gül Sokağı"],
    number_first: false,
    laboratory: "Ege Laboratuvarı",
};

pub(super) const VIETNAM: Culture = Culture {
    country: "VN",
    language: ("vi", "Vietnamese"),
    female: [
        "Thị Hương",
        "Thị Lan",
        "Thảo",
        "Ngọc",
        "Tuyết",
        "Hạnh",
        "Phượng",
        "Mỹ Linh",
        "Diễm",
        "Quỳnh",
        "Yến",
        "Thúy",
    ],
    male: [
        "Văn Hùng",
        "Đức",
        "Tuấn",
        "Quốc Bảo",
        "Hữu Phước",
        "Dũng",
        "Khánh",
        "Sơn",
        "Thắng",
        "Trường",
        "Vũ",
        "Long",
    ],
    family: [
        "Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Hoàng", "Phan", "Vũ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô",
        "Dương",
    ],
    two_families: false,
    cities: [
        city("Đà Nẵng", None, "55####", "Bệnh viện Hoa Sen"),
        city("Huế", None, "53####", "Phòng khám Sông Hương"),
    ],
    streets: ["Đường Lê Lợi", "Đường Trần Hưng Đạo", "Đường Nguyễn Huệ", "Đường Hai Bà Trưng"],
    number_first: true,
    laboratory: "Phòng xét nghiệm Miền Trung",
};

pub(super) const JAPAN: Culture = Culture {
    country: "JP",
    language: ("ja", "Japanese"),
    female: ["花子", "さくら", "陽菜", "美咲", "恵子", "裕子", "結衣", "凛", "由美", "愛", "直美", "久美子"],
    male: ["太郎", "翔太", "健一", "大輔", "蓮", "浩", "誠", "悠真", "隆", "直樹", "一郎", "拓也"],
    family: [
        "佐藤", "鈴木", "高橋", "田中", "伊藤", "渡辺", "山本", "中村", "小林", "加藤", "吉田", "山田",
        "斎藤", "髙﨑",
    ],
    two_families: false,
    cities: [
        city("札幌市", Some("北海道"), "060-00##", "札幌中央病院"),
        city("京都市", Some("京都府"), "600-80##", "鴨川クリニック"),
    ],
    streets: ["本町", "中央", "緑町", "桜丘"],
    number_first: false,
    laboratory: "みなと検査センター",
};
