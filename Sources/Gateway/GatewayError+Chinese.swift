extension GatewayError.Code {
  /// What the code means and what to do, in Chinese.
  package var chinese: String {
    switch self {
    case .settingInvalid: "某项设置的值不对；请按说明更正，网关没有启动"
    case .addressInUse: "监听地址已被其他程序占用；请停止该程序，或用 --listen 换一个地址"
    case .addressUnusable: "无法监听该地址；请用 --listen 指定本机地址和 1023 以上的端口"
    case .stateInUse: "另一个网关正在使用同一个状态目录；请停止它，或用 --state 指定别的目录"
    case .stateUnusable: "状态目录无法读取或写入；请检查目录、属主、权限和挂载"
    case .storeUnavailable: "账本数据库无法打开或读写；请检查目录、权限和磁盘空间"
    case .commitUnknown: "无法确定最近一次提交是否已落盘；请先检查磁盘，再重新启动网关"
    case .keyUnusable: "网关密钥文件无法使用；请确认它是加密的 PKCS#8 PEM 文件，权限为 0600"
    case .passphraseWrong: "口令打不开网关密钥；请从保管处重新读取口令"
    case .keysetUnusable: "密钥集无法使用；请提供由本程序信任的根密钥签署的密钥集文件"
    case .keyNotInKeyset: "现行密钥集不允许网关的密钥签署；请发布包含该密钥的密钥集，或改用正确的密钥"
    case .tlsUnusable: "加密连接的证书、私钥或客户端颁发机构文件无法使用；请检查所指定的文件、其权限以及证书与私钥是否匹配"
    case .trustRoot: "信任根无法使用；请检查 --trust-root 和 TALLY_TRUST_ROOT"
    case .clockUnreadable: "读不到系统时钟；请校准本机时钟后重试"
    case .notFound: "没有找到所指的内容；请检查名称和 --state 所指的目录"
    }
  }
}
