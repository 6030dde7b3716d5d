#include "killed_run.h"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

namespace forgetful {
namespace {

namespace fs = std::filesystem;

int Spawn(const std::vector<std::string>& words, const std::map<std::string, std::string>& environment) {
  const pid_t child = ::fork();
  if (child == 0) {
    for (const auto& [name, value] : environment) ::setenv(name.c_str(), value.c_str(), 1);
    std::vector<char*> arguments;
    for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    ::execv(arguments[0], arguments.data());
    ::_exit(127);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return status;
}

}  // namespace

std::map<std::string, Scenario>& Scenarios() {
  static std::map<std::string, Scenario> scenarios;
  return scenarios;
}

void Acknowledge(int count) {
  // In one write over the one before: another thread may end this process at any moment.
  const std::string digits = std::to_string(count);
  const std::string text = digits + std::string(12 - digits.size(), ' ');
  const int fd = ::open(std::getenv("ACKNOWLEDGED"), O_WRONLY | O_CREAT, 0644);
  if (::pwrite(fd, text.data(), text.size(), 0) < 0) std::abort();
  ::close(fd);
}

int RunScenario(const std::string& name) {
  Scenarios().at(name)(std::getenv("FORGETFUL_ROOT"));
  ::kill(::getpid(), SIGKILL);
  return 1;
}

ForgetfulDisk::ForgetfulDisk() {
  std::string pattern = (fs::temp_directory_path() / "forgetful-XXXXXX").string();
  folder_ = ::mkdtemp(pattern.data());
  root_ = folder_ + "/root";
  journal_ = folder_ + "/journal";
  acknowledged_ = folder_ + "/acknowledged";
  fs::create_directory(root_);
}

ForgetfulDisk::~ForgetfulDisk() { fs::remove_all(folder_); }

int ForgetfulDisk::Run(const std::string& scenario) {
  std::map<std::string, std::string> environment = environment_;
  environment["LD_PRELOAD"] = FORGETFUL_LIBRARY;
  environment["FORGETFUL_ROOT"] = root_;
  environment["FORGETFUL_JOURNAL"] = journal_;
  environment["ACKNOWLEDGED"] = acknowledged_;
  fs::remove(acknowledged_);
  const int status = Spawn({fs::read_symlink("/proc/self/exe").string(), "--scenario", scenario}, environment);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << scenario << " ended with status " << status;
  int count = 0;
  std::ifstream(acknowledged_) >> count;
  return count;
}

void ForgetfulDisk::Forget() { EXPECT_EQ(Spawn({FORGETFUL_UNDO, root_, journal_}, {}), 0); }

std::string ForgetfulDisk::Names() const {
  std::vector<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(root_)) {
    names.push_back(fs::relative(entry.path(), root_).string() + (entry.is_directory() ? "/" : ""));
  }
  std::sort(names.begin(), names.end());
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : " ") + name;
  return text;
}

std::string ForgetfulDisk::Read(const std::string& name) const {
  std::ifstream in(root_ + "/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace forgetful
