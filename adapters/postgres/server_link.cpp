#include "adapters/postgres/server_link.hpp"

namespace stravasync::postgres {

namespace {

/// The server closes the connection after these, even if that was not seen yet.
bool ends_connection(const std::string& sqlstate) {
  return sqlstate.starts_with("08") || sqlstate == "57P01"
         || sqlstate == "57P02" || sqlstate == "57P03" || sqlstate == "25P03"
         || sqlstate == "57P05";
}

/// 6.4 has an exception type for some codes and then loses the code.
std::string sqlstate_of(const pqxx::sql_error& thrown) {
  if (!thrown.sqlstate().empty())
    return thrown.sqlstate();
  auto is = [&]<class Type>(Type*) {
    return dynamic_cast<const Type*>(&thrown) != nullptr;
  };
  if (is(static_cast<pqxx::insufficient_privilege*>(nullptr)))
    return "42501";
  if (is(static_cast<pqxx::undefined_table*>(nullptr)))
    return "42P01";
  if (is(static_cast<pqxx::undefined_column*>(nullptr)))
    return "42703";
  if (is(static_cast<pqxx::disk_full*>(nullptr)))
    return "53100";
  if (is(static_cast<pqxx::insufficient_resources*>(nullptr)))
    return "53000";
  return {};
}

#if PQXX_VERSION_MAJOR >= 7

std::unique_ptr<pqxx::connection> connect(const std::string& conninfo) {
  return std::make_unique<pqxx::connection>(conninfo);
}

pqxx::params parameters_of(const std::vector<std::string>& values) {
  auto parameters = pqxx::params{};
  parameters.reserve(values.size());
  for (const auto& each : values)
    parameters.append(pqxx::binary_cast(each.data(), each.size()));
  return parameters;
}

pqxx::result execute_text(pqxx::nontransaction& in, const std::string& text,
                          const std::vector<std::string>& values) {
#if PQXX_VERSION_MAJOR > 7 || PQXX_VERSION_MINOR >= 10
  return in.exec(text, parameters_of(values));
#else
  return in.exec_params(text, parameters_of(values));
#endif
}

pqxx::result execute(pqxx::nontransaction& in, const std::string& name,
                     const std::vector<std::string>& values) {
  auto parameters = parameters_of(values);
#if PQXX_VERSION_MAJOR > 7 || PQXX_VERSION_MINOR >= 10
  return in.exec(pqxx::prepped{name}, parameters);
#else
  return in.exec_prepared(name, parameters);
#endif
}

#else

std::unique_ptr<pqxx::connection> connect(const std::string& conninfo) {
  auto made = std::make_unique<pqxx::connection>(conninfo);
  // Else it would connect again by itself, in the middle of a transaction.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  made->inhibit_reactivation(true);
#pragma GCC diagnostic pop
  return made;
}

std::vector<pqxx::binarystring>
parameters_of(const std::vector<std::string>& values) {
  auto parameters = std::vector<pqxx::binarystring>{};
  parameters.reserve(values.size());
  for (const auto& each : values)
    parameters.emplace_back(each.data(), each.size());
  return parameters;
}

pqxx::result execute_text(pqxx::nontransaction& in, const std::string& text,
                          const std::vector<std::string>& values) {
  auto parameters = parameters_of(values);
  return in.exec_params(text, pqxx::prepare::make_dynamic_params(parameters));
}

pqxx::result execute(pqxx::nontransaction& in, const std::string& name,
                     const std::vector<std::string>& values) {
  auto parameters = parameters_of(values);
  return in.exec_prepared(name, pqxx::prepare::make_dynamic_params(parameters));
}

#endif

} // namespace

template <class Work>
auto server_link::guarded(Work&& work) {
  auto fail = [this](std::string sqlstate, const std::exception& thrown) {
    auto lost = !is_open() || ends_connection(sqlstate);
    return server_failure{std::move(sqlstate), thrown.what(), lost};
  };
  try {
    return work();
  } catch (const pqxx::broken_connection& thrown) {
    throw server_failure{{}, thrown.what(), true};
  } catch (const pqxx::deadlock_detected& thrown) {
    // No sql_error in 6.4.
    throw fail("40P01", thrown);
  } catch (const pqxx::transaction_rollback& thrown) {
    throw fail("40001", thrown);
  } catch (const pqxx::sql_error& thrown) {
    throw fail(sqlstate_of(thrown), thrown);
  } catch (const std::exception& thrown) {
    throw fail({}, thrown);
  }
}

server_link::server_link(const std::string& conninfo) {
  guarded([&] {
    connection_ = connect(conninfo);
    statements_ = std::make_unique<pqxx::nontransaction>(*connection_);
  });
}

server_link::~server_link() = default;

pqxx::result server_link::run(const std::string& statements) {
  return guarded([&] { return statements_->exec(statements); });
}

int server_link::peer_number() const {
  return connection_->backendpid();
}

void server_link::expect_pooler() {
  pooled_ = true;
}

void server_link::prepare(const std::string& name,
                          const std::string& statement) {
  if (pooled_)
    texts_[name] = statement;
  else
    guarded([&] { connection_->prepare(name, statement); });
}

pqxx::result server_link::run_prepared(const std::string& name,
                                       const std::vector<std::string>& values) {
  return guarded([&] {
    return pooled_ ? execute_text(*statements_, texts_.at(name), values)
                   : execute(*statements_, name, values);
  });
}

pqxx::result server_link::run_once(const std::string& statement,
                                   const std::vector<std::string>& values) {
  return guarded([&] { return execute_text(*statements_, statement, values); });
}

bool server_link::is_open() const {
  return connection_ != nullptr && connection_->is_open();
}

} // namespace stravasync::postgres
