package import Licensing

extension StartupCheckError {
  /// What happened and what to do, in a language.
  package func message(in language: Language) -> String {
    cannotTell?.message(in: language) ?? language.explained(code.chinese, message)
  }
}

extension StartupCheckError.Code {
  /// What the code means and what to do, in Chinese.
  package var chinese: String {
    switch self {
    case .trustRootMissing:
      "程序构建时没有内置供应商的信任根；请用 --trust-root 指定供应商的 root.jwks"
    case .trustRootFixed:
      "程序已内置供应商的信任根，不接受另外指定；请去掉 --trust-root 和 TALLY_TRUST_ROOT"
    case .trustRootUnreadable: "信任根文件无法读取，或其中没有信任根；请使用供应商提供的 root.jwks"
    case .inputUnreadable: "许可证文件、发布文件或 standing 文件无法读取；请检查路径、属主和权限"
    case .runningMalformed: "正在运行的版本写法不对；请写成 VERSION 或 VERSION@COMMIT"
    case .clockUnreadable: "读不到系统时钟，而许可证要依据日期判断；请校准本机时钟后重新检查"
    case .zoneUnknown: "本机没有许可证所用的时区；请安装 tzdata 软件包"
    case .standingUnwritable:
      "standing 文件无法写入，或超过 1 MiB；请检查目录、权限和磁盘空间，并移走不再需要的许可证"
    }
  }
}
