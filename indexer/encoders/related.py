"""Pairs of words that have much to do with each other, in English and Chinese, to try word vectors on."""

_ENGLISH = """
king queen, man woman, boy girl, father mother, brother sister, husband wife, doctor hospital,
teacher school, book page, library book, water river, sea ship, bird wing, dog cat, horse cow,
tree leaf, flower plant, sun moon, day night, morning evening, winter summer, north south,
east west, left right, hot cold, high low, large small, long short, increase decrease, rise fall,
buy sell, question answer, cause effect, theory experiment, pressure temperature, speed velocity,
wing lift, flow boundary, heat temperature, layer boundary, blood heart, patient treatment,
disease symptom, drug dose, cell tissue, acid salt, metal iron, gold silver, computer software,
program language, file directory, server network, user password, city street, house door,
food bread, milk cheese, music song, law court, crime punishment, money bank, price cost, war army,
church priest, one two, first second, mathematics algebra, number sum, eye ear, hand foot,
red green, black white
"""

_CHINESE = """
国王 王后, 男人 女人, 父亲 母亲, 哥哥 姐姐, 丈夫 妻子, 医生 医院, 老师 学校, 学生 老师, 书 图书馆,
河 水, 海 船, 鸟 翅膀, 狗 猫, 马 牛, 树 叶, 花 植物, 太阳 月亮, 白天 夜晚, 早上 晚上, 冬天 夏天,
北方 南方, 东 西, 左 右, 冷 热, 高 低, 大 小, 长 短, 增加 减少, 上升 下降, 买 卖, 问题 回答,
原因 结果, 理论 实验, 压力 温度, 速度 加速度, 血 心脏, 病人 治疗, 疾病 症状, 药 剂量, 细胞 组织,
金 银, 电脑 软件, 程序 语言, 文件 目录, 服务器 网络, 用户 密码, 城市 街道, 房子 门, 食物 面包,
音乐 歌曲, 法律 法院, 犯罪 刑罚, 合同 当事人, 钱 银行, 价格 成本, 战争 军队, 一 二, 数学 代数,
眼睛 耳朵, 手 脚, 红 绿, 黑 白, 模型 算法, 数据 分析, 经济 市场, 企业 公司, 土壤 作物, 城市 农村,
父母 子女, 婚姻 离婚
"""

RELATED = tuple(
    (one, other)
    for pair in f"{_ENGLISH},{_CHINESE}".split(",")
    for one, _, other in [pair.strip().partition(" ")]
)
