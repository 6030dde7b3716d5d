#include "datahub/contract/contract.h"

#include <utility>

#include "datahub/contract/mapping.h"
#include "datahub/contract/plan.h"

namespace datahub::contract {

std::shared_ptr<const Contract> Contract::Compile(std::string schema_text, const ContractOptions& options,
                                                  std::vector<CompileError>* errors) {
  auto contract = std::make_shared<Contract>();
  contract->options_ = options;
  contract->options_.schema.documents = nullptr;  // these may refer to what ends before
  contract->options_.schema.looked_for = nullptr;
  contract->schemas_ = SchemaSet::Compile(std::move(schema_text), options.schema, errors);
  if (contract->schemas_ == nullptr) return nullptr;
  std::unique_ptr<const Mapping> mapping = MapColumns(contract->schemas_->root(), options.strict, errors);
  if (mapping == nullptr) return nullptr;
  const size_t errors_before = errors->size();
  contract->annotations_ = ReadAnnotations(*contract->schemas_, *mapping, errors);
  if (errors->size() > errors_before) return nullptr;
  contract->columns_ = mapping->columns;
  DescribePersonal(contract->annotations_, &contract->columns_);
  contract->plan_ = MakePlan(std::move(mapping), options.strict);
  return contract;
}

std::shared_ptr<const Contract> Contract::Raw() {
  auto contract = std::make_shared<Contract>();
  contract->options_.version = 0;
  record::Field field;
  field.name = kWholeColumn;
  field.kind = record::Kind::kJson;
  contract->columns_.fields.push_back(std::move(field));
  contract->plan_ = MakePlan(nullptr, contract->options_.strict);
  return contract;
}

}  // namespace datahub::contract
