internal import Licensing

extension IssuingQuestion {
  /// What is unusual and what to check, in Chinese; nil for a code that there is not.
  package var chinese: String? {
    Question.Code(rawValue: code)?.chinese ?? Code(rawValue: code)?.chinese
  }
}

extension Question.Code {
  /// What is unusual and what to check, in Chinese.
  package var chinese: String {
    switch self {
    case .termLong: "期限超过 10 年；请核对 --through 的年份或 --years"
    case .termOver: "期限在今天之前就已结束，发出时许可证已经过期；请核对日期"
    case .termAhead: "期限从今天起 366 天以后才开始；请核对 --from 的年份"
    case .termBackdated: "期限早在 31 天以前就已开始；请核对 --from 的月份"
    case .maintenanceLong: "维护期超过 10 年；请核对日期"
    case .maintenanceOver: "维护期在今天之前就已结束，今后的版本都不在覆盖范围内；请核对日期"
    case .maintenanceAhead: "维护期从今天起 366 天以后才开始；请核对年份"
    case .maintenanceBackdated: "维护期早在 31 天以前就已开始；请核对月份"
    case .limitLarge: "允许在线的采集器超过 1000000 个；请数一数有几个零"
    case .windowUnusual: "一次心跳让采集器保持在线的时间短于 120 秒或长于 3600 秒；请核对 --window"
    case .dwellLong: "采集器在线超过 3600 秒之后才计入；请核对 --dwell"
    case .installationsMany: "可激活的安装超过 1000 个；请数一数有几个零"
    case .graceLong: "宽限期超过 90 天，期间仍可使用；请核对 --grace-days"
    case .gatewayPlain: "网关地址没有加密，校验程序只在本机上使用这种地址；请改用加密的地址"
    case .gatewayPrivate: "网关地址只属于一台机器或一个内部网络，别处的安装连不上；请改用公开的地址"
    case .leaseShort: "最后一次确认的上报之后不到 24 小时就停止使用；请至少给 24 小时"
    case .leaseLong: "没有确认的上报也可以使用超过 744 小时，即 31 天；请核对 --lease-hours"
    case .priceZero: "采集器单价为零，永远不会产生费用；请核对单价"
    case .priceHigh: "每个采集器每天的单价超过 10000；请核对小数点"
    }
  }
}

extension IssuingQuestion.Code {
  /// What is unusual and what to check, in Chinese.
  package var chinese: String {
    switch self {
    case .revisionHidden: "为以后签发的修订将永远不会生效；确认即由新修订取代它，想保留就照说明重签"
    case .revocationLifted: "新修订生效后，已被吊销的使用权就恢复了；只有吊销的原因已经解决才可确认"
    case .revisionReplaced: "新修订会取代另一个修订，两者的条件可能不同；请核对列出的差别"
    case .reissueInterrupted: "这个系列的一次重签中途停止了，有修订被遮住；请先照说明把重签做完"
    case .revocationWithoutEffect: "要吊销的许可证已经结束或已被取代，平台照常运行；请指明现行修订或整个系列"
    case .revocationEnds: "已经购买的后续修订会在开始之日解除这次吊销；请一并指明它，或指明整个系列"
    case .lineStops: "要吊销的正是生效中的许可证，收到吊销清单的平台将停止使用；请核对列出的客户和系列"
    case .licensesDie: "仍在使用的许可证将随这个密钥集失效，且没有其他密钥签署的修订接替；请先照说明重签，再发布"
    case .collectorsCut: "允许在线的采集器减到不足一半，超出的会被拒绝；请核对 --collectors"
    case .collectorsRaised: "允许在线的采集器增加到 10 倍以上，或取消了上限；请数一数有几个零"
    case .termCut: "剩余期限缩短一半以上，或已提前结束；请核对 --through 或 --days"
    case .maintenanceCut: "剩余维护期缩短一半以上，或已提前结束；请核对 --through 或 --days"
    case .editionFree: "这个系列将立即改为社区版，已付费的许可证随之放弃；只有客户要求时才可确认"
    case .releaseAhead: "发布日期在 7 天以后；请核对 --released 的年份和月份"
    case .releaseBackdated:
      "发布日期早于 31 天以前，或早于最新版本的发布日期；维护期当时有效的永久许可证将永远可用此版本，且不能撤回，请核对 --released"
    case .coverageBackdated:
      "覆盖日期早于 31 天以前，或早于最新版本的发布日期；此后已到期的许可证也将覆盖此版本，且不能撤回，请核对 --covered-as-of"
    case .releaseSignedAnew: "这个版本已有一份文件，不注明提交的平台两份都认，且不能撤回；请核对 --version 和 --commit"
    case .productNew: "登记库中没有任何版本或许可证使用这个产品名；请核对 --product 的拼写"
    case .lineExists: "该客户在此产品上已有一个系列；如果本意是续期或变更，请对列出的系列使用 renew 或 amend"
    case .customerExists: "已有同名客户；同一客户的许可证应归在一个客户编号之下，请用 customer list 核对"
    case .customerNameUnusual: "客户名称的一个词中混有形似的不同文字，或含有看不见的字符；请重新输入名称"
    case .customerRenamed: "客户名称与上一修订不同；请核对登记库中的客户名称"
    case .currencyUnknown: "价格的货币代码不在 ISO 4217 中；请核对 --price 的货币"
    case .priceUnusual: "单价与该产品其他许可证相差 5 倍以上；请核对小数点"
    case .gatewayNew: "没有其他许可证使用这个网关地址；请核对 --gateway 的拼写和端口"
    case .releaseNotSigned: "本登记库没有签署过这个版本，而许可证将永远覆盖它；请核对 --release，或先签署该版本"
    case .daysTwice: "新期限从现有期限结束之前开始，重叠的天数被付费两次；请改用 --basis from-end，或确认确属有意"
    case .clockBack: "本机时钟早于最近一次签发的时间；请先校准本机时钟"
    case .clockForward: "距最近一次签发已超过 62 天；请核对本机时钟，超前的时钟会让客户永久失去这些天数"
    }
  }
}
