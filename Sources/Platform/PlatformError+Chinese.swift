extension PlatformError.Code {
  /// What the code means and what to do, in Chinese.
  package var chinese: String {
    switch self {
    case .notFound: "文件或目录不存在；请检查路径"
    case .permissionDenied: "没有权限，或要新建的文件已经存在；请检查属主、权限和文件名"
    case .readOnly: "文件系统是只读的；请以可写方式挂载，或换一个位置"
    case .full: "磁盘已满；请腾出空间后重试"
    case .locked: "另一个进程正占用该文件；请停止它，或等它结束"
    case .tooLarge: "文件过大；请指定正确的文件"
    case .notAFile: "需要文件的地方是目录，或需要目录的地方是文件；请检查路径"
    case .modeTooLoose: "密钥、口令或令牌文件对他人开放；请执行 chmod 600"
    case .clockUnreadable: "读不到系统时钟；请检查本机时钟"
    case .zoneUnknown: "本机没有这个时区；请安装 tzdata 软件包"
    case .inputOutput: "读写失败；请检查磁盘和文件系统"
    }
  }
}
