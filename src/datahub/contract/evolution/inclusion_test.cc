#include "datahub/contract/evolution/inclusion.h"

#include <gtest/gtest.h>

namespace datahub::contract::evolution {
TEST(X, Y) {}
}  // namespace datahub::contract::evolution
