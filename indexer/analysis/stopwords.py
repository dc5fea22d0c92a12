"""Words that ask rather than name: removed from a query (never from the index) while others remain."""

ENGLISH = frozenset(
    """
    a about above after again against all am an and any are as at be because been before being below
    between both but by can could d did do does doing down during e.g each few for from further had has
    have having he her here hers herself him himself his how i i.e if in into is it its itself just ll m
    me more most my myself no nor not now of off on once only or other our ours ourselves out over own
    re s same shall she should so some such t than that the their theirs them themselves then there
    these they this those through to too under until up upon very was we were what when where which
    while who whom whose why will with would you your yours yourself yourselves ve
    """.split()
)

CHINESE = frozenset(
    """
    的 了 和 与 及 或 而 但 且 是 在 就 都 也 还 又 着 过 地 得 之 其 此 这 那 哪 谁 吗 呢 吧 啊 呀 嘛 哦
    把 被 对 于 从 到 由 以 为 有 会 能 要 请 问 我 你 他 她 它 们 我们 你们 他们 她们 它们 自己
    这个 那个 这些 那些 哪个 哪些 哪里 一个 没有 什么 怎么 怎样 怎么办 如何 为何 为什么 是否 请问
    可以 应该 多少 因为 所以 如果 但是 以及
    """.split()
)
