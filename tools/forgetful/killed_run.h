#pragma once

#include <functional>
#include <map>
#include <string>

namespace forgetful {

// Something a process does below `root` before it is killed. It may tell how far it came by Acknowledge().
using Scenario = std::function<void(const std::string& root)>;

// Scenarios by name; a test program that is started with --scenario runs one and kills itself.
std::map<std::string, Scenario>& Scenarios();

struct Registration {
  Registration(const std::string& name, Scenario scenario) { Scenarios().emplace(name, std::move(scenario)); }
};

// Called inside a scenario: what was promised so far, kept outside the root.
void Acknowledge(int count);

// A folder whose disk forgets.
class ForgetfulDisk {
 public:
  ForgetfulDisk();
  ~ForgetfulDisk();

  const std::string& root() const { return root_; }
  // FORGETFUL_IGNORE_SYNC, FORGETFUL_FAIL_SYNC …, for the runs that follow.
  void Set(const std::string& name, const std::string& value) { environment_[name] = value; }
  // Runs the scenario in a process under the library until it kills itself; returns what it acknowledged.
  int Run(const std::string& scenario);
  // The power fails: what was not synced is gone.
  void Forget();
  int RunAndForget(const std::string& scenario) {
    const int acknowledged = Run(scenario);
    Forget();
    return acknowledged;
  }

  // Names below the root, sorted, folders with a slash: "a/ a/x b".
  std::string Names() const;
  std::string Read(const std::string& name) const;

 private:
  std::string folder_;
  std::string root_;
  std::string journal_;
  std::string acknowledged_;
  std::map<std::string, std::string> environment_;
};

int RunScenario(const std::string& name);

}  // namespace forgetful
