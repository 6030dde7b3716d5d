#pragma once

#include <span>
#include <string_view>

namespace datahub::app {

// DH1xx: how the project file is written · DH2xx: how its parts fit · DH3xx: contracts · DH4xx: not in this version.
// A code never changes its meaning; one that is given up is not given again (DH303).
namespace code {
inline constexpr std::string_view kUnreadable = "DH101";
inline constexpr std::string_view kSyntax = "DH102";
inline constexpr std::string_view kRepeatedKey = "DH103";
inline constexpr std::string_view kYamlFeature = "DH104";
inline constexpr std::string_view kUnknownField = "DH105";
inline constexpr std::string_view kMissingField = "DH106";
inline constexpr std::string_view kWrongType = "DH107";
inline constexpr std::string_view kWrongValue = "DH108";
inline constexpr std::string_view kBadName = "DH109";
inline constexpr std::string_view kNoVariable = "DH110";
inline constexpr std::string_view kBadSubstitution = "DH111";
inline constexpr std::string_view kInclude = "DH112";
inline constexpr std::string_view kNameTwice = "DH113";

inline constexpr std::string_view kUnknownReference = "DH201";
inline constexpr std::string_view kUnusedSource = "DH202";
inline constexpr std::string_view kSourceTwice = "DH203";
inline constexpr std::string_view kSharedTable = "DH204";
inline constexpr std::string_view kPartitioning = "DH205";
inline constexpr std::string_view kSourceOption = "DH206";
inline constexpr std::string_view kRename = "DH207";
inline constexpr std::string_view kLedger = "DH208";

inline constexpr std::string_view kContractFile = "DH301";
inline constexpr std::string_view kContractText = "DH302";
inline constexpr std::string_view kEvolution = "DH304";

inline constexpr std::string_view kNotSupported = "DH401";
}  // namespace code

// A part of a project's file. Of datahub.yaml only the sections are shown that matter; the rest is as `datahub init` makes it.
struct CodeExample {
  std::string_view file;
  std::string_view text;
};

// The page of a code, which `datahub explain` prints. A test reads every wrong example and wants this code, and every
// mended one and wants none.
struct DiagnosticCode {
  std::string_view code;
  std::string_view meaning;  // one line
  std::string_view reason;   // why it is refused
  CodeExample wrong;
  CodeExample mended;
  std::string_view look;  // what to look at
};

// Every code, in order.
std::span<const DiagnosticCode> DiagnosticCodes();
// Null when there is no such code.
const DiagnosticCode* FindCode(std::string_view code);

}  // namespace datahub::app
