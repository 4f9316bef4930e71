internal import Licensing
internal import Sealing

extension AuthorityError {
  /// What happened and what to do, in Chinese: that of the refused document where there is one.
  package var chinese: String {
    refusal.map { "文件未通过验证：\($0.code.chinese)" } ?? code.chinese
  }
}

extension AuthorityError.Code {
  /// What the code means and what to do, in Chinese.
  package var chinese: String {
    switch self {
    case .registryMissing: "该目录中没有签发登记库；请用 --registry 指定正确的目录"
    case .registryInUse: "另一条命令正在修改签发登记库；请等它结束后重试"
    case .storeUnavailable: "签发登记库的数据库无法打开或读写；请检查目录、属主、权限和磁盘空间"
    case .registryDamaged: "签发登记库的内容自相矛盾；请停止签发，从备份恢复登记库"
    case .fileUnavailable: "文件无法读取或写入；请检查路径、属主和权限"
    case .inputInvalid: "所要求的内容不能签发；请按说明更正参数，未签发任何文件"
    case .notFound: "签发登记库中没有所指的客户、许可证、版本、密钥或签发意图；请先用 list 查看"
    case .conflict: "要新增的内容已经存在，或与登记库中的内容冲突；请按说明改用别的值"
    case .keyMissing: "没有可用来签署此文件的密钥；请新建密钥并发布密钥集，或检查密钥的日期和约束"
    case .keyUnreadable: "私钥文件无法使用；请确认它是加密的 PKCS#8 PEM 文件，权限为 0600"
    case .passphraseWrong: "口令打不开密钥；请从保管处重新读取口令"
    case .keysetMissing: "还没有发布过密钥集；请先运行 tally keyset publish"
    case .documentRefused: "文件未通过验证；请按说明处理"
    case .questionsOpen: "有不寻常之处没有得到确认，未签发任何文件；请逐条核对，确属有意时再用 --yes 加问题代码确认"
    case .intentPending:
      "先前的一条命令开始签发而没有完成；请运行 tally intent show 查看，再用 finish 完成或 drop 放弃"
    case .cryptographyFailed: "密码库 OpenSSL 出错；请检查本机的内存和 OpenSSL 安装后重试"
    case .clockUnreadable: "读不到系统时钟；请校准本机时钟后重试"
    }
  }
}
