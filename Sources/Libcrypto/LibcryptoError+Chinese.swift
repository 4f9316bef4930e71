extension LibcryptoError.Code {
  /// What the code means and what to do, in Chinese.
  package var chinese: String {
    switch self {
    case .libraryFailed: "密码库 OpenSSL 出错；请检查本机的内存和 OpenSSL 安装后重试"
    case .keyUnreadable: "私钥无法读取；请确认它是加密的 PKCS#8 PEM 文件"
    case .passphraseWrong: "口令打不开密钥；请从保管处重新读取口令"
    }
  }
}
